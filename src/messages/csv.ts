/** Tables as text that spreadsheets read (RFC 4180): read from whatever they write, written so that no cell is ever a formula. Pure. */

/** Rows of cells; `undefined`: a quote that never ends, or more than `most` rows. */
export function readCsv(text: string, most: number): readonly (readonly string[])[] | undefined {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endCell = (): void => {
    row.push(cell.trim());
    cell = '';
  };
  const endRow = (): void => {
    endCell();
    if (row.some((one) => one !== '')) rows.push(row);
    row = [];
  };
  for (let i = text.startsWith('\ufeff') ? 1 : 0; i < text.length; i++) {
    const character = text[i] ?? '';
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') cell += text[i++];
      else quoted = false;
    } else if (character === '"' && cell.trim() === '') {
      cell = '';
      quoted = true;
    } else if (character === separator) endCell();
    else if (character === '\n') endRow();
    else if (character !== '\r') cell += character;
    if (rows.length > most) return undefined;
  }
  if (quoted) return undefined;
  endRow();
  return rows.length > most ? undefined : rows;
}

/** Of the first line: comma, semicolon or tab, whichever stands there most. */
function separatorOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const count = (character: string): number => line.split(character).length;
  return [',', '\t', ';'].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

/** With the mark of UTF-8 in front, by which spreadsheets know it. */
export function writeCsv(rows: readonly (readonly (string | number)[])[]): string {
  return `\ufeff${rows.map((row) => row.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

/** What begins like a formula is text (OWASP, CSV injection): an apostrophe stands before it. */
function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[\s]*[=+\-@\t\r|%]/.test(value) ? `'${value}` : value;
  return /[",;\t\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
