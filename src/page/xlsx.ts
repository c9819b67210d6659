/**
 * One sheet as an XLSX file (ECMA-376): text cells are inline strings, which no program takes for formulas, and numbers are numbers. The zip
 * is stored, not packed: these are small.
 */
import { crc32 } from 'node:zlib';

type Cell = string | number;

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const SHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const CONTENT = `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPES}.worksheet+xml"/></Types>`;
const ROOT = `${XML}<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;
const BOOK_RELATIONS = `${XML}<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`;
const book = (name: string): string =>
  `${XML}<workbook xmlns="${SHEET}" xmlns:r="${OFFICE}"><sheets><sheet name="${escaped(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`;

/** Sheet names have 31 characters at most and none of []:*?/\ */
export function writeXlsx(name: string, rows: readonly (readonly Cell[])[]): Uint8Array {
  const lines = rows.map((row) => `<row>${row.map(cell).join('')}</row>`).join('');
  return zip([
    ['[Content_Types].xml', CONTENT],
    ['_rels/.rels', ROOT],
    [
      'xl/workbook.xml',
      book(
        name
          .replace(/[[\]:*?/\\']/g, ' ')
          .slice(0, 31)
          .trim() || 'Sheet',
      ),
    ],
    ['xl/_rels/workbook.xml.rels', BOOK_RELATIONS],
    ['xl/worksheets/sheet1.xml', `${XML}<worksheet xmlns="${SHEET}"><sheetData>${lines}</sheetData></worksheet>`],
  ]);
}

function cell(value: Cell): string {
  if (typeof value === 'number') return `<c><v>${value}</v></c>`;
  return `<c t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`;
}

/** Control characters are in no XML document. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** PKWARE APPNOTE 4.3: stored entries with UTF-8 names, dated 1980-01-01. */
function zip(files: readonly (readonly [string, string])[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of files) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)];
    const about = aboutOf(name, data);
    const local = Buffer.concat([u32(0x04034b50), about, u16(0), name, data]);
    directory.push(Buffer.concat([u32(0x02014b50), u16(20), about, u16(0), u16(0), u16(0), u16(0), u32(0), u32(offset), name]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = [u32(0x06054b50), u16(0), u16(0), u16(files.length), u16(files.length), u32(central.length), u32(offset), u16(0)];
  return Buffer.concat([...parts, central, ...end]);
}

/** Version, flags (UTF-8), method, time, date, CRC, sizes, length of the name: the same in both headers. */
function aboutOf(name: Buffer, data: Buffer): Buffer {
  const sizes = [u32(crc32(data)), u32(data.length), u32(data.length)];
  return Buffer.concat([u16(20), u16(0x800), u16(0), u16(0), u16(0x21), ...sizes, u16(name.length)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
