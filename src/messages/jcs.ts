/** JSON Canonicalization Scheme (RFC 8785) for JSON whose numbers are integers: one value, one text. Pure. */
import type { Json } from '../contracts.js';

/** Deeper nests are nobody's facts. */
const DEEPEST = 16;

/**
 * The canonical text.
 * @throws RangeError for what has none: a fraction, an integer beyond 2^53, a lone surrogate, too deep a nest.
 */
export function canonical(value: Json): string {
  if (isInOrder(value, 0)) {
    const text = JSON.stringify(value);
    if (!text.includes(MAYBE_LONE)) return text;
  }
  return textOf(value, 0);
}

/**
 * Whether ECMAScript writes the value as RFC 8785 does but for lone surrogates: integers, and members in their order already,
 * as in whatever was canonical before it was parsed. False decides nothing: `textOf` then sorts or complains.
 */
function isInOrder(value: Json, depth: number): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || depth >= DEEPEST) return false;
  if (isArray(value)) return value.every((item) => isInOrder(item, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype) return false; // its toJSON would have a say
  let before = '';
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (key < before || member === undefined || !isInOrder(member, depth + 1)) return false;
    before = key;
  }
  return true;
}

/** The value of a canonical text; undefined for any other text. */
export function parseCanonical(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return canonical(value) === text ? value : undefined;
  } catch {
    return undefined; // not JSON, or JSON without a canonical text: the answer is the same
  }
}

function textOf(value: Json, depth: number): string {
  if (typeof value === 'string') return stringOf(value);
  if (typeof value === 'number') return integerOf(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') throw new RangeError(`no canonical JSON of a ${typeof value}`);
  if (depth >= DEEPEST) throw new RangeError('no canonical JSON of so deep a nest');
  if (isArray(value)) return `[${value.map((item) => textOf(item, depth + 1)).join(',')}]`;
  return objectOf(value, depth);
}

/** RFC 8785 3.2.3: members sorted by UTF-16 code units, which is how JavaScript compares strings. */
function objectOf(value: { readonly [key: string]: Json }, depth: number): string {
  let text = '{';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) throw new RangeError(`no canonical JSON of an undefined member`);
    text += `${text === '{' ? '' : ','}${stringOf(key)}:${textOf(member, depth + 1)}`;
  }
  return `${text}}`;
}

/** How well-formed JSON.stringify begins the escape of a lone surrogate, and of no other character. */
const MAYBE_LONE = '\\ud';

/** RFC 8785 3.2.2.2: ECMAScript's own escapes, except that a lone surrogate is an error. */
function stringOf(text: string): string {
  const quoted = JSON.stringify(text);
  if (!quoted.includes(MAYBE_LONE)) return quoted;
  if (/(^|[^\\])(\\\\)*\\ud[89a-f]/.test(quoted)) throw new RangeError('no canonical JSON of a lone surrogate');
  return quoted;
}

function integerOf(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer: ${value}`);
  return String(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
