/** People as they are shown at a desk where others may look on: enough to see that it is the right one. Pure. */
import type { Line, Person, Words } from '../contracts.js';

/** 张三山 → 张*山; 张山 → 张*. */
export function maskedName(name: string): string {
  const letters = [...name];
  const last = letters.length > 2 ? (letters.at(-1) ?? '') : '';
  return `${letters[0] ?? ''}${'*'.repeat(Math.max(0, letters.length - 1 - last.length))}${last}`;
}

/** 341525195001010018 → 3415**********0018. */
export function maskedNumber(number: string): string {
  return number.length <= 8 ? '*'.repeat(number.length) : `${number.slice(0, 4)}${'*'.repeat(number.length - 8)}${number.slice(-4)}`;
}

const LABELS = {
  name: { zh: '姓名', en: 'Name' },
  idNumber: { zh: '证件号码', en: 'Number' },
} satisfies Record<string, Words>;

export function maskedLines({ name, idNumber }: Person): readonly Line[] {
  return [
    ...(name === undefined ? [] : [{ label: LABELS.name, value: maskedName(name) }]),
    ...(idNumber === undefined ? [] : [{ label: LABELS.idNumber, value: maskedNumber(idNumber) }]),
  ];
}

/** Full years at a day (YYYY-MM-DD); undefined: `birth` is no date. */
export function ageAt(birth: string, day: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(birth)) return undefined;
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}
