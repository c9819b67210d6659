/**
 * From the table that an office keeps to the signed list of items. A row that cannot be read is named by line and column in both
 * languages; the rows that can be read are given beside, and it is for the caller to say whether they may stand alone.
 */
import type { Words } from '../../contracts.js';
import { ITEMS, type Items, MOST_BLANKS, MOST_ITEMS, MOST_MATERIALS } from '../../messages/items.js';
import {
  bilingual,
  CellError,
  COLUMN_NAMES,
  COLUMNS,
  type Column,
  parts,
  readAliases,
  readCode,
  readDays,
  readFee,
  readMaterials,
  readSynthetic,
  readType,
  readWho,
} from './columns.js';
import { readForm } from './form-cell.js';
import { romanised, spelling } from './spell.js';
import { type Line, TableError } from './table.js';
import { type Tables, tables } from './tables.js';

/** `column`: its Chinese heading; '': the row as a whole. */
export interface RowFault {
  readonly line: number;
  readonly column: string;
  readonly words: Words;
}

export interface Imported {
  /** undefined: no row could be read. */
  readonly items: Items | undefined;
  readonly faults: readonly RowFault[];
}

type Cells = Readonly<Record<Column, string>>;
type Listed = Items['items'][number];
interface Row {
  readonly item: Listed;
  readonly line: number;
}

/** @throws TableError when it is no list of items at all: a heading is missing */
export function importItems(lines: readonly Line[], version: number): Imported {
  const [header, ...rows] = lines;
  const columns = columnsOf(header);
  const shared = tables();
  const faults: RowFault[] = [];
  const items = new Map<string, Row>();
  if (rows.length > MOST_ITEMS) throw new TableError(`more than ${MOST_ITEMS} items`, `超过 ${MOST_ITEMS} 个事项`);
  for (const { line, cells } of rows) {
    const row = rowOf(columns, cells);
    const read = itemOf(row, shared);
    if ('faults' in read) {
      faults.push(...read.faults.map((fault) => ({ line, ...fault })));
      continue;
    }
    const before = items.get(read.item.code);
    if (before) faults.push({ line, column: COLUMNS.code.zh, words: twice(before.line) });
    else items.set(read.item.code, { item: read.item, line });
  }
  return { items: listOf([...items.values()], { version, shared, faults }), faults };
}

const twice = (line: number): Words => ({ zh: `编码与第 ${line} 行重复`, en: `the same code as line ${line}` });

/** By column, where it stands. */
function columnsOf(header: Line | undefined): ReadonlyMap<Column, number> {
  const heads = (header?.cells ?? []).map((cell) => cell.replace(/\s/g, ''));
  const found = COLUMN_NAMES.map((name) => [name, heads.findIndex((head) => head === name || head === COLUMNS[name].zh)] as const);
  const missing = found.filter(([name, at]) => at < 0 && COLUMNS[name].needed).map(([name]) => name);
  if (missing.length > 0)
    throw new TableError(
      `line 1: columns are missing: ${missing.join(', ')}`,
      `第 1 行缺少列：${missing.map((name) => COLUMNS[name].zh).join('、')}`,
    );
  return new Map(found.filter(([, at]) => at >= 0));
}

function rowOf(columns: ReadonlyMap<Column, number>, cells: readonly string[]): Cells {
  return Object.fromEntries(COLUMN_NAMES.map((name) => [name, cells[columns.get(name) ?? -1] ?? ''])) as Cells;
}

type Fault = Omit<RowFault, 'line'>;

function itemOf(row: Cells, shared: Tables): { readonly item: Listed } | { readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const read = <T>(column: Column, reader: (cell: string) => T): T | undefined => {
    const { zh, needed } = COLUMNS[column];
    const cell = row[column];
    try {
      if (needed && cell === '') throw new CellError('不能为空', 'must not be empty');
      return reader(cell);
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      faults.push({ column: zh, words: error.words });
      return undefined;
    }
  };
  const code = read('code', readCode);
  const name = read('name', (cell) => ({ zh: cell, en: row.name_en || romanised(cell) }));
  const aliases = read('aliases', readAliases);
  const type = read('type', readType);
  const who = read('who', readWho);
  const materials = read('materials', (cell) => atMost(readMaterials(cell), MOST_MATERIALS));
  const days = read('days', readDays);
  const fee = read('fee', readFee);
  const window = read('window', bilingual);
  const blanks = read('form', (cell) => atMost(readForm(cell), MOST_BLANKS));
  const synthetic = read('synthetic', readSynthetic);
  const conditions = read('conditions', (cell) => (cell === '' ? undefined : bilingual(cell)));
  read('department', bilingual);
  read('events', (cell) => parts(cell).map(bilingual));
  if (!code || !name || !aliases || !type || !who || !materials || days === undefined || fee === undefined || !window || !blanks)
    return { faults };
  if (faults.length > 0) return { faults };
  const item = {
    code,
    name,
    pinyin: spelling(name.zh),
    aliases,
    department: shared.departments(row.department),
    type,
    events: parts(row.events).map(shared.events),
    who,
    ...(conditions && { conditions: shared.texts(conditions) }),
    materials: materials.map(shared.materials),
    days,
    fee,
    window: shared.texts(window),
    form: shared.forms(blanks),
    ...(synthetic && { synthetic }),
  };
  return { item };
}

function atMost<T>(all: readonly T[], most: number): T[] {
  if (all.length > most) throw new CellError(`最多 ${most} 项`, `at most ${most}`);
  return [...all];
}

interface Listing {
  readonly version: number;
  readonly shared: Tables;
  readonly faults: RowFault[];
}

/** What the schema alone sees (a name too long, an event too many) is put to its line, and that row left out. */
function listOf(rows: readonly Row[], of: Listing): Items | undefined {
  const whole = (items: readonly Listed[]): unknown => ({ version: of.version, ...of.shared.all(), items });
  const checked = ITEMS.safeParse(whole(rows.map(({ item }) => item)));
  if (checked.success) return checked.data;
  const bad = new Map<number, RowFault>();
  for (const { path, message } of checked.error.issues) {
    const [first, at, ...field] = path;
    if (first !== 'items' || typeof at !== 'number') continue;
    const en = `${field.join('.') || 'item'}: ${message}`;
    bad.set(at, { line: rows[at]?.line ?? 0, column: '', words: { zh: `超出范围：${field.join('.')}`, en } });
  }
  of.faults.push(...bad.values());
  return bad.size === 0 ? undefined : ITEMS.safeParse(whole(rows.filter((_, at) => !bad.has(at)).map(({ item }) => item))).data;
}
