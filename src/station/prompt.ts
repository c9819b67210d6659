/** What a desk asks and what may be answered: typed values both ways, so that the page can decide nothing. Pure. */
import type { Blank, Json, Prompt, Words } from '../contracts.js';
import { isCreditCode, residentId } from '../messages/identifiers.js';

/** What a prompt became; `faults`: by blank, what is wrong with what was typed. */
export type Answered =
  | { readonly value: string | boolean | Readonly<Record<string, string>> | undefined }
  | { readonly faults: Readonly<Record<string, Words>> };

/** What the page may say to a prompt; undefined: nothing that this prompt can be answered with. */
export function answered(prompt: Prompt, said: Json): Answered | undefined {
  switch (prompt.kind) {
    case 'search':
      if (said === null) return { value: undefined };
      return prompt.choices.some(({ id }) => id === said) ? { value: said as string } : undefined;
    case 'choose':
      return prompt.choices.some(({ id }) => id === said) ? { value: said as string } : undefined;
    case 'confirm':
      return typeof said === 'boolean' ? { value: said } : undefined;
    case 'fill':
      return filled(prompt.blanks, said);
    case 'show':
    case 'scan':
    case 'pay':
      return said === null ? { value: undefined } : undefined;
    case 'identify':
    case 'busy':
      return undefined;
  }
}

function filled(blanks: readonly Blank[], said: Json): Answered | undefined {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return undefined;
  const typed = new Map(Object.entries(said));
  if ([...typed.keys()].some((id) => !blanks.some((blank) => blank.id === id))) return undefined;
  const values: Record<string, string> = {};
  const faults: Record<string, Words> = {};
  for (const blank of blanks) {
    const text = typed.get(blank.id) ?? '';
    if (typeof text !== 'string') return undefined;
    const value = text.normalize('NFC').trim();
    const fault = value === '' ? (blank.optional ? undefined : MISSING) : faultOf(blank, value);
    if (fault) faults[blank.id] = fault;
    else if (value !== '') values[blank.id] = value;
  }
  return Object.keys(faults).length > 0 ? { faults } : { value: values };
}

const words = (zh: string, en: string): Words => ({ zh, en });

const MISSING = words('请填写', 'Please fill this in');
const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/u;

function faultOf(blank: Blank, value: string): Words | undefined {
  switch (blank.kind) {
    case 'text':
      if (CONTROL.test(value)) return words('含有不能使用的字符', 'There is a character that cannot be used');
      return [...value].length > blank.longest ? words(`最多 ${blank.longest} 个字`, `At most ${blank.longest} characters`) : undefined;
    case 'digits':
      return /^\d*$/.test(value) && value.length >= blank.shortest && value.length <= blank.longest
        ? undefined
        : words(`请输入 ${span(blank.shortest, blank.longest)} 位数字`, `Enter ${span(blank.shortest, blank.longest)} digits`);
    case 'number':
      return /^\d{1,15}$/.test(value) && Number(value) >= blank.least && Number(value) <= blank.most
        ? undefined
        : words(`请输入 ${blank.least} 到 ${blank.most} 的整数`, `Enter a whole number from ${blank.least} to ${blank.most}`);
    case 'date':
      return isDate(value) ? undefined : words('请按 年-月-日 输入真实的日期', 'Enter a real date as year-month-day');
    case 'id-number':
      return residentId(value) === undefined
        ? words('号码有误，请逐位核对（18 位，末位为校验位）', 'The number is wrong: please check each of its 18 characters')
        : undefined;
    case 'credit-code':
      return isCreditCode(value.toUpperCase())
        ? undefined
        : words(
            '代码有误：18 位，末位由前 17 位算出，请逐位核对',
            'The code is wrong: 18 characters, the last follows from the others; please check each',
          );
    case 'time':
      return /^([01]\d|2[0-3]):?[0-5]\d$/.test(value) ? undefined : words('请输入时刻，如 0930', 'Enter a time of day, such as 0930');
    case 'choice':
      return blank.choices.some(({ id }) => id === value) ? undefined : words('请选一项', 'Please choose one');
  }
}

const span = (least: number, most: number): string => (least === most ? `${least}` : `${least}–${most}`);

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.toISOString().slice(0, 10) === text;
}
