/** Who somebody is, as a desk shows it, and how old. Pure. */
import type { Line, Person, Words } from '../contracts.js';
import { maskedId, maskedName } from '../messages/masked.js';

const LABELS = {
  name: { zh: '姓名', en: 'Name' },
  idNumber: { zh: '证件号码', en: 'Number' },
} satisfies Record<string, Words>;

export function maskedLines({ name, idNumber }: Person): readonly Line[] {
  return [
    ...(name === undefined ? [] : [{ label: LABELS.name, value: maskedName(name) }]),
    ...(idNumber === undefined ? [] : [{ label: LABELS.idNumber, value: maskedId(idNumber) }]),
  ];
}

/** Full years at a day (YYYY-MM-DD); undefined: `birth` is no date. */
export function ageAt(birth: string, day: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(birth)) return undefined;
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}
