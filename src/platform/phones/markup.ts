/** HTML in which text stays text: whatever is put into a template is escaped, unless a template made it. Pure. */
import type { Words } from '../../contracts.js';

export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | undefined | false | readonly Part[];

export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(pieces.reduce((whole, piece, i) => whole + textOf(parts[i - 1]) + piece));
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  return isList(part) ? part.map(textOf).join('') : escaped(String(part));
}

/** Array.isArray does not narrow a read-only array. */
const isList = (part: Part): part is readonly Part[] => Array.isArray(part);

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => NAMED[character] ?? '');

/** Chinese first; what is the same in both stands once. */
export const both = ({ zh, en }: Words): Markup => (zh === en ? html`${zh}` : html`${zh} <span lang="en">${en}</span>`);
