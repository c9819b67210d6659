/** A paper for a roll as rows from top to bottom: what is on it, however it is drawn. */
import type { PrintJob, SlipLine, Words } from '../contracts.js';

export type Row =
  | { readonly row: 'title'; readonly words: Words }
  | { readonly row: 'heading'; readonly text: string }
  | { readonly row: 'pair'; readonly label: Words; readonly value: Words }
  | { readonly row: 'words'; readonly words: Words }
  | { readonly row: 'code'; readonly text: string }
  | { readonly row: 'foot'; readonly left: string; readonly right: string }
  | { readonly row: 'rule' };

const RULE: Row = { row: 'rule' };
/** Rows of the longest slip; what comes after is not printed. */
export const MOST_ROWS = 200;

export function rowsOf({ paper, terminal, at }: Pick<PrintJob, 'paper' | 'terminal' | 'at'>): readonly Row[] {
  const { title, lines } = paper;
  const rows = lines.slice(0, MOST_ROWS).map(rowOf);
  const marked: readonly Row[] =
    paper.kind === 'slip' ? rows : [{ row: 'heading', text: paper.heading }, ...rows, { row: 'code', text: paper.code }];
  return [{ row: 'title', words: both(title) }, RULE, ...marked, RULE, { row: 'foot', left: terminal, right: at }];
}

function rowOf(line: SlipLine): Row {
  if ('rule' in line) return RULE;
  if ('code' in line) return { row: 'code', text: line.code };
  if ('words' in line) return { row: 'words', words: both(line.words) };
  return { row: 'pair', label: both(line.label), value: both(line.value) };
}

/** What is the same in every language; else English without typographic marks, which a Chinese font draws as wide as a character. */
export function both(text: string | Words): Words {
  if (typeof text === 'string') return { zh: text, en: text };
  return text.en === text.zh ? text : { zh: text.zh, en: plainLatin(text.en) };
}

const plainLatin = (text: string): string =>
  text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/[–—]/g, '-').replace(/…/g, '...').replace(/×/g, 'x');
