/** A line of the organiser's list: a name, and what the person is known by. Pure. */
import type { Words } from '../contracts.js';
import { readCsv } from '../messages/csv.js';
import { isCreditCode, residentId } from '../messages/identifiers.js';

export interface Guest {
  /** As the sheet counts, from 1. */
  readonly line: number;
  readonly name: string;
  readonly by: { readonly idNumber: string } | { readonly phone: string } | { readonly creditCode: string };
}

/** What is wrong with a line, so that somebody can put it right. */
export interface GuestFault {
  readonly line: number;
  readonly words: Words;
}

export const MOST_GUESTS = 5000;
const LONGEST_NAME = 40;

const words = (zh: string, en: string): Words => ({ zh, en });
const NO_TABLE = words(`不是 CSV 表格，或多于 ${MOST_GUESTS} 行`, `not a CSV table, or more than ${MOST_GUESTS} lines`);
const NO_NAME = words('没有姓名', 'there is no name');
const NOT_ID = words('身份证号有误', 'the ID number is wrong');
const ROUNDED = words('号码被表格软件改写，请把该列设为文本', 'the spreadsheet changed the number: make the column text');
const NO_MARK = words('没有身份证号、手机号或统一社会信用代码', 'there is no ID number, phone number or credit code');
const TWICE = words('与前面一行重复', 'stands on a line above already');

/** UTF-8 as it should be, or GB 18030 as spreadsheets here write it. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

export function readGuests(text: string): { readonly guests: readonly Guest[]; readonly faults: readonly GuestFault[] } {
  const rows = readCsv(text, MOST_GUESTS + 1);
  if (!rows) return { guests: [], faults: [{ line: 1, words: NO_TABLE }] };
  const guests = new Map<string, Guest>();
  const faults: GuestFault[] = [];
  for (const [i, cells] of rows.entries()) {
    if (i === 0 && isHeading(cells)) continue;
    const guest = guestOf(cells, i + 1);
    if ('words' in guest) faults.push(guest);
    else if (guests.has(markOf(guest))) faults.push({ line: i + 1, words: TWICE });
    else guests.set(markOf(guest), guest);
  }
  return { guests: [...guests.values()], faults };
}

const markOf = ({ by }: Guest): string => Object.values(by).join('');

const isHeading = (cells: readonly string[]): boolean => cells.every((cell) => !/\d{6}/.test(cell));

/** Spreadsheets put an apostrophe before numbers that are text. */
const bare = (cell: string): string => cell.replace(/^['‘’]/, '').replace(/[\s-]/g, '');

function guestOf(cells: readonly string[], line: number): Guest | GuestFault {
  const marks = cells.map(bare);
  const id = marks.map(residentId).find((one) => one !== undefined);
  const creditCode = marks.map((mark) => mark.toUpperCase()).find(isCreditCode);
  const phone = marks.map((mark) => mark.replace(/^(?:\+|00)?86(?=1\d{10}$)/, '')).find((mark) => /^1\d{10}$/.test(mark));
  const name = cells.find((cell) => cell !== '' && !/\d{4}/.test(cell))?.slice(0, LONGEST_NAME);
  if (id !== undefined || creditCode !== undefined || phone !== undefined) {
    if (name === undefined) return { line, words: NO_NAME };
    const by = id !== undefined ? { idNumber: id } : creditCode !== undefined ? { creditCode } : { phone: phone ?? '' };
    return { line, name, by };
  }
  if (cells.some((cell) => /^\d(\.\d+)?E\+\d+$/i.test(cell))) return { line, words: ROUNDED };
  return { line, words: marks.some((mark) => /^\d{15}$|^\d{17}[\dXx]$/.test(mark)) ? NOT_ID : NO_MARK };
}
