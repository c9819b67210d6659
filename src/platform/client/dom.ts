/** Small pieces of a page: elements with text, never markup. */
import type { Words } from '../../contracts.js';

export const number = new Intl.NumberFormat('zh-CN');
export const stamp = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'medium' });

export interface Shown {
  readonly text: string | number | Words;
  readonly bad?: boolean;
  /** A second, smaller line. */
  readonly under?: string;
}
export type Cell = string | number | Shown;
export type Head = readonly [zh: string, en: string, kind?: 'n' | 'facts'];

export function element(name: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function english(text: string): HTMLElement {
  const made = element('span', text);
  made.lang = 'en';
  return made;
}

export function place(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

export function table(id: string, heads: readonly Head[], rows: readonly (readonly Cell[])[]): void {
  const head = element('tr');
  for (const [zh, en, kind = ''] of heads) {
    const cell = element('th', zh, kind) as HTMLTableCellElement;
    cell.scope = 'col';
    if (en) cell.append(' ', english(en));
    head.append(cell);
  }
  const body = rows.map((cells) => {
    const row = element('tr');
    row.append(...cells.map((cell, i) => filled(cell, heads[i]?.[2] ?? '')));
    return row;
  });
  place(id).replaceChildren(head, ...(rows.length > 0 ? body : [nothing(heads.length)]));
}

function filled(cell: Cell, kind: string): HTMLElement {
  const { text, bad = false, under }: Shown = typeof cell === 'object' ? cell : { text: cell };
  const made = element('td', '', [kind, bad ? 'bad' : ''].join(' ').trim());
  if (typeof text === 'object') made.append(text.zh, ' ', english(text.en));
  else made.textContent = typeof text === 'number' ? number.format(text) : text;
  if (under) {
    const second = english(under);
    second.className = 'under';
    made.append(second);
  }
  return made;
}

function nothing(width: number): HTMLElement {
  const row = element('tr');
  const cell = element('td', '暂无 ', 'none') as HTMLTableCellElement;
  cell.colSpan = width;
  cell.append(english('none so far'));
  row.append(cell);
  return row;
}
