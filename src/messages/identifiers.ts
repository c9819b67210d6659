/** Numbers of people and enterprises: GB 11643 (resident ID), GB 32100 (unified social credit code), and made-up ones of each. Pure. */

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const ID_CHECKS = '10X98765432';

const CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const;

/** No division of GB/T 2260 begins with 99: a number of this region belongs to nobody. */
const SYNTHETIC_REGION = '999999';

/** GB 11643 7: the check character of the first 17 digits. */
function idCheck(digits: string): string {
  const sum = ID_WEIGHTS.reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  return ID_CHECKS.charAt(sum % 11);
}

/**
 * The 18 characters under which a person is known, X upper case; a 15-digit number (before 1999) is extended first.
 * undefined: the check character, the birth date or the shape is wrong.
 */
export function residentId(text: string): string | undefined {
  const extended = /^\d{15}$/.test(text) ? `${text.slice(0, 6)}19${text.slice(6)}` : undefined;
  const id = extended === undefined ? text.toUpperCase() : extended + idCheck(extended);
  if (!/^\d{17}[\dX]$/.test(id) || idCheck(id) !== id[17]) return undefined;
  return isDate(id.slice(6, 14)) ? id : undefined;
}

/** `text`: YYYYMMDD. */
function isDate(text: string): boolean {
  const iso = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso);
}

/** GB 32100 6: (31 − Σ mod 31) mod 31; undefined when a character is not of the alphabet. */
function creditCheck(body: string): string | undefined {
  let sum = 0;
  for (const [i, weight] of CREDIT_WEIGHTS.entries()) {
    const value = CREDIT_ALPHABET.indexOf(body.charAt(i));
    if (value < 0) return undefined;
    sum += weight * value;
  }
  return CREDIT_ALPHABET.charAt((31 - (sum % 31)) % 31);
}

/** 18 upper-case characters with the right check character. The organisation code inside has its own check, which old codes break. */
export function isCreditCode(text: string): boolean {
  return /^[0-9A-Z]{2}\d{6}[0-9A-Z]{10}$/.test(text) && creditCheck(text) === text[17];
}

/** A resident ID of nobody. `birth`: YYYYMMDD; `sequence`: 0 to 999, odd for men. */
export function syntheticId(birth: string, sequence: number): string {
  const digits = `${SYNTHETIC_REGION}${birth}${String(sequence).padStart(3, '0')}`;
  return digits + idCheck(digits);
}

/** A credit code of nobody. `sequence`: 0 to 999,999. */
export function syntheticCreditCode(sequence: number): string {
  const body = `91${SYNTHETIC_REGION}MA${String(sequence).padStart(6, '0')}0`;
  return body + creditCheck(body);
}

/** Is this number one of ours for tests and demonstrations? */
export function isSynthetic(number: string): boolean {
  return number.startsWith(SYNTHETIC_REGION) || number.startsWith(`91${SYNTHETIC_REGION}`);
}
