/**
 * The form of an item, as one cell:
 *
 *   经营地址/Address|text|60；面积/Area|number|1|10000；开业日期|date；手机|digits|11|11；备注?|text|100；方式|choice|邮寄/By post,自取
 */
import type { Blank } from '../../contracts.js';
import { bilingual, CellError, parts } from './columns.js';

/** @throws CellError */
export function readForm(cell: string): readonly Blank[] {
  return parts(cell).map((part, at) => readBlank(part, `b${at + 1}`));
}

function readBlank(part: string, id: string): Blank {
  const [name = '', kind = '', ...rest] = part.split('|').map((one) => one.trim());
  const isOptional = /[?？]/.test(name);
  const base = { id, label: bilingual(name.replace(/[?？]/g, '')), ...(isOptional && { optional: true as const }) };
  const number = (at: number): number => {
    const text = rest[at] ?? '';
    if (!/^\d{1,12}$/.test(text)) throw new CellError(`${name}：${kind} 之后缺少数字`, `${name}: a number is missing behind ${kind}`);
    return Number(text);
  };
  switch (kind) {
    case 'text':
      return { ...base, kind, longest: within(number(0), 1, 200, name) };
    case 'digits':
      return { ...base, kind, shortest: within(number(0), 0, 40, name), longest: within(number(1), Math.max(1, number(0)), 40, name) };
    case 'number':
      return { ...base, kind, least: number(0), most: within(number(1), number(0), 999_999_999_999, name) };
    case 'date':
      return { ...base, kind };
    case 'choice':
      return { ...base, kind, choices: choices(rest[0] ?? '', name) };
    default:
      throw new CellError(`${name}：类型须为 text、digits、number、date、choice`, `${name}: text, digits, number, date or choice`);
  }
}

function within(value: number, least: number, most: number, name: string): number {
  if (value < least || value > most) throw new CellError(`${name}：须在 ${least} 至 ${most} 之间`, `${name}: must be ${least} to ${most}`);
  return value;
}

function choices(text: string, name: string) {
  const all = text
    .split(/[,，]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (all.length < 2 || all.length > 12) throw new CellError(`${name}：须有 2 至 12 个选项`, `${name}: 2 to 12 choices`);
  return all.map((one, at) => ({ id: `c${at + 1}`, label: bilingual(one) }));
}
