/** A table as an office keeps it: a CSV in UTF-8 or GB18030, or the first sheet of an XLSX; rows with the line they stand on. */

export interface Line {
  /** As the program that made it numbers it: 1 is the header. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What no table of items comes near. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_LINES = 20_000;
const MOST_CELLS = 60;
const LONGEST_CELL = 20_000;

export class TableError extends Error {
  override readonly name = 'TableError';
  constructor(en: string, zh: string) {
    super(`${zh} · ${en}`);
  }
}

/** Empty lines are left out. @throws TableError when it is no such table */
export async function readTable(bytes: Uint8Array): Promise<readonly Line[]> {
  if (bytes.length > MOST_BYTES) throw new TableError('the file is larger than 32 MB', '文件超过 32 MB');
  const lines = isZip(bytes) ? await sheetOf(bytes) : linesOf(textOf(bytes));
  return lines.filter(({ cells }) => cells.some((cell) => cell !== ''));
}

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** Spreadsheets on Chinese Windows write GB18030 without saying so. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the exception is the answer.
  }
  try {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes);
  } catch {
    throw new TableError('neither UTF-8 nor GB18030, and no XLSX', '既非 UTF-8 也非 GB18030 文本，也不是 XLSX');
  }
}

const SEPARATORS = [',', '\t'] as const;

/** RFC 4180; a cell between quotes may go over several lines. */
function linesOf(text: string): readonly Line[] {
  const separator = SEPARATORS.find((one) => (text.split('\n', 1)[0] ?? '').includes(one)) ?? ',';
  const lines: Line[] = [];
  let line = 1;
  let begun = 1;
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = (): void => {
    cells.push(trimmed(cell));
    cell = '';
    if (cells.length > MOST_CELLS) throw new TableError(`line ${begun}: more than ${MOST_CELLS} columns`, `第 ${begun} 行：列数过多`);
  };
  const endLine = (): void => {
    endCell();
    lines.push({ line: begun, cells });
    cells = [];
    if (lines.length > MOST_LINES) throw new TableError(`more than ${MOST_LINES} lines`, `超过 ${MOST_LINES} 行`);
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '\n') line++;
    if (isQuoted && sign === '"' && text[at + 1] === '"') cell += text[++at];
    else if (isQuoted && sign === '"') isQuoted = false;
    else if (isQuoted) cell += sign;
    else if (sign === '"' && cell === '') isQuoted = true;
    else if (sign === separator) endCell();
    else if (sign === '\n') {
      endLine();
      begun = line;
    } else cell += sign;
  }
  if (isQuoted) throw new TableError(`line ${begun}: a quote is opened and never closed`, `第 ${begun} 行：引号没有结束`);
  if (cell !== '' || cells.length > 0) endLine();
  return lines;
}

function trimmed(cell: string): string {
  return cell
    .replace(/^\uFEFF/, '')
    .trim()
    .slice(0, LONGEST_CELL);
}

/** The library is loaded only for a file that is one. */
async function sheetOf(bytes: Uint8Array): Promise<readonly Line[]> {
  const { readXlsx } = await import('hucre/xlsx');
  const read = async () => {
    try {
      return await readXlsx(bytes, { sheets: [0], maxRows: MOST_LINES });
    } catch (error) {
      throw new TableError(`not an XLSX: ${error instanceof Error ? error.message : String(error)}`, '不是可读的 XLSX');
    }
  };
  const [sheet] = (await read()).sheets;
  if (!sheet) throw new TableError('the workbook has no sheet', '工作簿没有工作表');
  return sheet.rows.map((row, at) => ({ line: at + 1, cells: row.slice(0, MOST_CELLS).map((cell) => trimmed(textOfCell(cell))) }));
}

/** Codes that a spreadsheet made numbers of keep their digits. */
function textOfCell(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : '';
}

/** One line of a CSV. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
