/** People as they are shown where others may look on: enough to see that it is the right one. Pure. */

/** 张三山 → 张*山; 张山 → 张*. */
export function maskedName(name: string): string {
  const letters = [...name];
  const last = letters.length > 2 ? (letters.at(-1) ?? '') : '';
  return `${letters[0] ?? ''}${'*'.repeat(Math.max(0, letters.length - 1 - last.length))}${last}`;
}

/** 34152519620314001X → 3415************1X; what is shorter than nine characters shows nothing. */
export const maskedId = (number: string): string => masked(number, { first: 4, last: 2 });
/** 13800001234 → 138****1234. */
export const maskedPhone = (phone: string): string => masked(phone, { first: 3, last: 4 });
/** 1962-03-14 → 1962-**-**. */
export const maskedBirth = (birth: string): string => birth.replace(/\d(?=\d?$)|\d(?=\d?-\d\d$)/g, '*');

function masked(text: string, { first, last }: { readonly first: number; readonly last: number }): string {
  const hidden = text.length - first - last;
  if (hidden < 3) return '*'.repeat(text.length);
  return `${text.slice(0, first)}${'*'.repeat(hidden)}${text.slice(-last)}`;
}
