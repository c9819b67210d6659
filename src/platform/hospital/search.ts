/** A FHIR search as conditions on what is kept (http://hl7.org/fhir/R4/search.html). What this hospital does not know is an error, never ignored. */
import { Refused } from './outcome.js';
import { PARAMETERS, timeOf } from './parameters.js';
import type { Condition, Wanted } from './resources.js';

export interface Search {
  readonly conditions: readonly Condition[];
  readonly count: number;
}

const LARGEST_PAGE = 100;
const LONGEST = 4000;

/** @throws Refused for a type, parameter, prefix or value that cannot be */
export function searchOf(type: string, query: URLSearchParams): Search {
  const known = PARAMETERS[type];
  if (!known) throw new Refused(404, 'not-supported', `no ${type} is kept here`);
  const conditions = [...query].flatMap(([name, value]) => (name === '_count' ? [] : [conditionOf(type, name, value)]));
  const count = Number(query.get('_count') ?? LARGEST_PAGE);
  if (!Number.isInteger(count) || count < 1) throw new Refused(400, 'invalid', '_count');
  return { conditions, count: Math.min(count, LARGEST_PAGE) };
}

function conditionOf(type: string, name: string, value: string): Condition {
  if (value === '' || value.length > LONGEST) throw new Refused(400, 'invalid', `a value of ${name}`);
  if (name === '_id') return { parameter: name, any: value.split(',').map((one) => ({ kind: 'id', value: one })) };
  const parameter = PARAMETERS[type]?.[name];
  if (!parameter) throw new Refused(400, 'not-supported', `search parameter ${name} of ${type}`);
  if (parameter.kind === 'date') return { parameter: name, any: [spanWanted(name, value)] };
  return {
    parameter: name,
    any: value.split(',').map((one) => (parameter.kind === 'token' ? tokenWanted(one) : { kind: 'reference', value: one })),
  };
}

function tokenWanted(text: string): Wanted {
  const bar = text.indexOf('|');
  return bar < 0
    ? { kind: 'token', system: undefined, value: text }
    : { kind: 'token', system: text.slice(0, bar), value: text.slice(bar + 1) };
}

function spanWanted(name: string, text: string): Wanted {
  const [, prefix = '', rest = ''] = /^(ge|gt|le|lt)?(.*)$/.exec(text) ?? [];
  const time = timeOf(rest);
  if (!time) throw new Refused(400, 'invalid', `the time of ${name}`);
  const [first, last] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (prefix === '') return { kind: 'date', from: time.low, to: time.high };
  if (prefix === 'ge') return { kind: 'date', from: time.low, to: last };
  if (prefix === 'gt') return { kind: 'date', from: time.high, to: last };
  return { kind: 'date', from: first, to: prefix === 'lt' ? time.low : time.high };
}
