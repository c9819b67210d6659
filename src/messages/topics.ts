/**
 * The topics of wire.md 4, built and taken apart; whatever is not exactly one of them is nothing. Pure.
 *
 *   ankang/v1/<region>/up/<terminal>/entries|request|state
 *                      down/<terminal>/ack|answer|command|notice|secrets
 *                      trust/manifest
 *                      trust/<name>/<version>/<part>             a list or data file, whole
 *                      trust/<name>/<from>-<version>/<part>      what changed from one version to another
 */

export const UP = ['entries', 'request', 'state'] as const;
export const DOWN = ['ack', 'answer', 'command', 'notice', 'secrets'] as const;
export type Up = (typeof UP)[number];
export type Down = (typeof DOWN)[number];

/** One part (65,536 bytes) of one version of one list or data file; `from`: of the delta from that version. */
export interface TrustPart {
  readonly way: 'trust';
  readonly region: string;
  readonly what: 'part';
  readonly name: string;
  readonly version: number;
  readonly from?: number;
  readonly part: number;
}

export type Topic =
  | { readonly way: 'up'; readonly region: string; readonly terminal: string; readonly what: Up }
  | { readonly way: 'down'; readonly region: string; readonly terminal: string; readonly what: Down }
  | { readonly way: 'trust'; readonly region: string; readonly what: 'manifest' }
  | TrustPart;

const ROOT = 'ankang/v1';

/** GB/T 2260. */
export const REGION = /^[1-9][0-9]{5}$/;
/** Terminals and checkpoints: also a TLS common name, an MQTT user name and a file name, hence without `/ + # $` and spaces. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** `colour.red`, `event.<id>`, `fares`. */
const DATUM = /^[a-z][a-z0-9-]{0,31}(\.[A-Za-z0-9_-]{1,64})?$/;
/** Decimal without leading zeros, at most 2^53. */
const NUMBER = /^(0|[1-9][0-9]{0,15})$/;
/** 65,536 parts of 65,536 bytes are more than any list may be. */
const MOST_PARTS = 65_536;

export const isRegion = (text: string): boolean => REGION.test(text);
/** A terminal's or a checkpoint's name. */
export const isName = (text: string): boolean => NAME.test(text);
/** The name of a list or data file. */
export const isDatum = (text: string): boolean => DATUM.test(text);

/** @throws RangeError when a field is not what this file allows: a programming error or an unchecked configuration. */
export function topicOf(topic: Topic): string {
  const text = `${ROOT}/${topic.region}/${tailOf(topic)}`;
  if (parseTopic(text) === undefined) throw new RangeError(`not a topic: ${JSON.stringify(text)}`);
  return text;
}

function tailOf(topic: Topic): string {
  if (topic.way !== 'trust') return `${topic.way}/${topic.terminal}/${topic.what}`;
  if (topic.what === 'manifest') return 'trust/manifest';
  const version = topic.from === undefined ? `${topic.version}` : `${topic.from}-${topic.version}`;
  return `trust/${topic.name}/${version}/${topic.part}`;
}

export function parseTopic(text: string): Topic | undefined {
  if (text.length > 256 || !text.startsWith(`${ROOT}/`)) return undefined;
  const [region, way, ...rest] = text.slice(ROOT.length + 1).split('/');
  if (region === undefined || !isRegion(region)) return undefined;
  if (way === 'trust') return trustTopic(region, rest);
  const [terminal, what] = rest;
  if (rest.length !== 2 || terminal === undefined || what === undefined || !isName(terminal)) return undefined;
  if (way === 'up' && isOneOf(UP, what)) return { way, region, terminal, what };
  if (way === 'down' && isOneOf(DOWN, what)) return { way, region, terminal, what };
  return undefined;
}

function trustTopic(region: string, rest: readonly string[]): Topic | undefined {
  const [name, versions, partText] = rest;
  if (rest.length === 1 && name === 'manifest') return { way: 'trust', region, what: 'manifest' };
  if (rest.length !== 3 || name === undefined || versions === undefined || partText === undefined || !isDatum(name)) return undefined;
  const numbers = versions.split('-').map(numberOf);
  const part = numberOf(partText);
  const version = numbers.at(-1);
  if (numbers.length > 2 || version === undefined || part === undefined || part >= MOST_PARTS) return undefined;
  if (numbers.length === 1) return { way: 'trust', region, what: 'part', name, version, part };
  const from = numbers[0];
  return from === undefined || from >= version ? undefined : { way: 'trust', region, what: 'part', name, version, from, part };
}

function numberOf(text: string): number | undefined {
  const value = Number(text);
  return NUMBER.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

function isOneOf<T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word);
}

/** What one terminal listens to; trust parts are subscribed one by one, as they are fetched. */
export const downFilter = (region: string, terminal: string): string => `${ROOT}/${region}/down/${terminal}/+`;
/** What the platform listens to. */
export const upFilter = (region: string, what: Up): string => `${ROOT}/${region}/up/+/${what}`;
