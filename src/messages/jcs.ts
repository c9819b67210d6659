/** JSON Canonicalization Scheme (RFC 8785) for JSON whose numbers are integers: one value, one text. Pure. */
import type { Json } from '../contracts.js';

/** Deeper nests are nobody's facts. */
const DEEPEST = 16;

/**
 * The canonical text.
 * @throws RangeError for what has none: a fraction, an integer beyond 2^53, a lone surrogate, too deep a nest.
 */
export function canonical(value: Json): string {
  return textOf(value, 0);
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

/** RFC 8785 3.2.2.2: ECMAScript's own escapes, except that a lone surrogate is an error. */
function stringOf(text: string): string {
  const quoted = JSON.stringify(text);
  // Well-formed JSON.stringify writes a lone surrogate, and nothing else, as \udXXX.
  if (quoted.includes('\\ud') && /(^|[^\\])(\\\\)*\\ud[89a-f]/.test(quoted)) throw new RangeError('no canonical JSON of a lone surrogate');
  return quoted;
}

function integerOf(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer: ${value}`);
  return String(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
