/** The columns of the list that an office keeps, and how each cell is read. A cell that cannot be read says why, in both languages. */
import type { Words } from '../../contracts.js';
import { APPLICANTS, ITEM_TYPES, type Item, type Material } from '../../messages/items.js';
import { romanised, spelling } from './spell.js';

export class CellError extends Error {
  override readonly name = 'CellError';
  readonly words: Words;
  constructor(zh: string, en: string) {
    super(en);
    this.words = { zh, en };
  }
}

/** By column: its heading, Chinese or English; `needed`: a list without it is none. */
export const COLUMNS = {
  code: { zh: '基本编码', needed: true },
  name: { zh: '事项名称', needed: true },
  name_en: { zh: '英文名称', needed: false },
  aliases: { zh: '别名', needed: false },
  department: { zh: '部门', needed: true },
  type: { zh: '事项类型', needed: true },
  events: { zh: '人生大事', needed: false },
  who: { zh: '申请人', needed: true },
  conditions: { zh: '受理条件', needed: false },
  materials: { zh: '申请材料', needed: true },
  days: { zh: '承诺工作日', needed: true },
  fee: { zh: '收费（元）', needed: true },
  window: { zh: '办理窗口', needed: true },
  form: { zh: '表单', needed: false },
  synthetic: { zh: '演示', needed: false },
} as const;
export type Column = keyof typeof COLUMNS;
export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly Column[];

/** Chinese and English words of one thing: `居民身份证/ID card`; without English, its pinyin stands for it. */
export function bilingual(cell: string): Words {
  const at = cell.indexOf('/');
  const zh = (at < 0 ? cell : cell.slice(0, at)).trim();
  const en = at < 0 ? '' : cell.slice(at + 1).trim();
  if (zh === '') throw new CellError('缺少中文名称', 'the Chinese name is missing');
  return { zh, en: en || romanised(zh) };
}

/** Parts of a cell, between ； or ; */
export const parts = (cell: string): readonly string[] =>
  cell
    .split(/[；;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

const TYPES: Readonly<Record<string, Item['type']>> = {
  行政许可: 'licence',
  行政给付: 'payment',
  行政确认: 'confirmation',
  行政奖励: 'reward',
  行政裁决: 'ruling',
  其他行政权力: 'other',
  公共服务: 'service',
};

export function readType(cell: string): Item['type'] {
  const type = TYPES[cell] ?? ITEM_TYPES.find((one) => one === cell);
  if (!type) throw new CellError(`须为其一：${Object.keys(TYPES).join('、')}`, `one of: ${ITEM_TYPES.join(', ')}`);
  return type;
}

const WHO: Readonly<Record<string, (typeof APPLICANTS)[number]>> = { 个人: 'person', 企业: 'enterprise', 法人: 'enterprise' };

export function readWho(cell: string): Item['who'] {
  const who = parts(cell).map((part) => WHO[part] ?? APPLICANTS.find((one) => one === part));
  if (who.length === 0 || who.includes(undefined))
    throw new CellError('须为 个人、企业，或 个人；企业', 'person, enterprise, or person;enterprise');
  return [...new Set(who as Item['who'])];
}

export function readDays(cell: string): number {
  if (cell === '即办' || cell === '当场') return 0;
  if (!/^\d{1,3}$/.test(cell) || Number(cell) > 366) throw new CellError('须为 0 至 366，或 即办', '0 to 366, or 即办 (at once)');
  return Number(cell);
}

/** Yuan with at most two decimals, in fen. */
export function readFee(cell: string): number {
  if (cell === '' || cell === '不收费' || cell === '免费') return 0;
  const [, yuan, cents = ''] = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(cell) ?? [];
  if (yuan === undefined) throw new CellError('须为金额（元），或 不收费', 'an amount in yuan, or 不收费 (free)');
  return Number(yuan) * 100 + Number(cents.padEnd(2, '0'));
}

export function readCode(cell: string): string {
  const code = cell.toUpperCase();
  if (/^\d{9,11}$/.test(code))
    throw new CellError('不足 12 位：表格软件可能去掉了前面的 0', 'shorter than 12: a spreadsheet may have cut off leading zeros');
  if (!/^[0-9A-Z]{12,31}$/.test(code)) throw new CellError('须为 12 至 31 位数字或大写字母', '12 to 31 digits or capital letters');
  return code;
}

export function readAliases(cell: string): Item['aliases'] {
  return parts(cell).map((name) => ({ name, pinyin: spelling(name) }));
}

/** `居民身份证/ID card@id-card；申请表`: behind @ what the e-licence library calls it. */
export function readMaterials(cell: string): readonly Material[] {
  if (cell === '无') return [];
  return parts(cell).map((part) => {
    const [name = '', licence] = part.split('@');
    if (licence !== undefined && !/^[a-z][a-z0-9-]{0,31}$/.test(licence))
      throw new CellError(`电子证照代号 ${licence} 须为小写字母、数字、横线`, `the e-licence ${licence}: small letters, digits, dashes`);
    return { name: bilingual(name), ...(licence !== undefined && { licence }) };
  });
}

export function readSynthetic(cell: string): true | undefined {
  if (cell === '' || cell === '否' || cell === 'no') return undefined;
  if (cell === '是' || cell === 'yes') return true;
  throw new CellError('须为 是 或 否', 'yes or no');
}
