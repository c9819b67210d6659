/**
 * What the programme counts (OPS-01): presented = every reading of a person's code or card, verified = those whose
 * signature or resolution held; by scene, checkpoint, township and Asia/Shanghai day, refusals by word. Pure.
 */
import { type Facts, type Instant, REFUSALS } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { UNKNOWN_TOWNSHIP } from './townships.js';

/** One square of the county's table, and what fell into it. */
export interface Tally {
  /** YYYY-MM-DD: of the entry's `earliest`, or of receipt when `unsure`. */
  readonly day: string;
  readonly scene: string;
  readonly checkpoint: string;
  /** '' when admitted. */
  readonly refusal: string;
  /** The terminal did not know the time to within an hour. */
  readonly unsure: boolean;
  readonly readings: number;
  readonly presented: number;
  readonly verified: number;
}

/** What a journal entry is counted by; ms. */
export interface Countable {
  readonly kind: string;
  readonly earliest: Instant;
  /** null: not known. */
  readonly latest: Instant | null;
}

const UNSURE_FROM = 3_600_000;
/** Whatever prints; control characters separate names below. */
const NAME = /^\P{Cc}{1,64}$/u;
const KNOWN_REFUSALS: ReadonlySet<string> = new Set(REFUSALS);

/** What one entry adds; undefined for an entry that is not of a reading. */
export function tallyOf(entry: Countable, facts: Facts, received: Instant): Tally | undefined {
  if (entry.kind !== 'verdict') return undefined;
  const unsure = entry.latest === null || entry.latest - entry.earliest > UNSURE_FROM;
  const presented = facts['person'] === true ? 1 : 0;
  return {
    day: dayOf(unsure ? received : entry.earliest),
    scene: name(facts['scene']),
    checkpoint: name(facts['checkpoint']),
    refusal: refusalOf(facts),
    unsure,
    readings: 1,
    presented,
    verified: facts['verified'] === true ? presented : 0,
  };
}

const HOUR = 3_600_000;
/** Entries that follow each other are mostly of one hour, and an hour is of one day in Shanghai. */
let lately = { hour: Number.NaN, day: '' };

function dayOf(at: Instant): string {
  const hour = Math.floor(at / HOUR);
  if (hour !== lately.hour) lately = { hour, day: localTime(at).day };
  return lately.day;
}

function name(value: unknown): string {
  return typeof value === 'string' && NAME.test(value) ? value : '?';
}

function refusalOf(facts: Facts): string {
  if (facts['verdict'] === 'admit') return '';
  const word = facts['refusal'];
  return typeof word === 'string' && KNOWN_REFUSALS.has(word) ? word : '?';
}

/** Adds up tallies of the same square. */
export function addUp(tallies: Iterable<Tally>): readonly Tally[] {
  const squares = new Map<string, { -readonly [K in keyof Tally]: Tally[K] }>();
  for (const tally of tallies) {
    const square = `${tally.day}\0${tally.scene}\0${tally.checkpoint}\0${tally.refusal}\0${tally.unsure}`;
    const known = squares.get(square);
    if (!known) {
      squares.set(square, { ...tally });
      continue;
    }
    known.readings += tally.readings;
    known.presented += tally.presented;
    known.verified += tally.verified;
  }
  return [...squares.values()];
}

function sums(tallies: readonly Tally[]): Pick<Tally, 'readings' | 'presented' | 'verified'> {
  const of = (field: 'readings' | 'presented' | 'verified'): number => tallies.reduce((sum, tally) => sum + tally[field], 0);
  return { readings: of('readings'), presented: of('presented'), verified: of('verified') };
}

export const REPORT_BY = ['scene', 'checkpoint', 'township', 'day'] as const;
export type ReportBy = (typeof REPORT_BY)[number];

/** A tally and where its checkpoint lies. */
export interface Placed extends Tally {
  readonly township: string;
}

/** `townships`: by checkpoint. */
export function placed(tallies: readonly Tally[], townships: ReadonlyMap<string, string>): readonly Placed[] {
  return tallies.map((tally) => ({ ...tally, township: townships.get(tally.checkpoint) ?? UNKNOWN_TOWNSHIP.zh }));
}

/** A line of the report; `refused` by word, words that did not occur left out. */
export interface ReportLine {
  /** What the line counts; of several things with a mark between. */
  readonly by: string;
  readonly readings: number;
  readonly presented: number;
  readonly verified: number;
  readonly admitted: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Presented at a time the terminal did not know; counted on the day of receipt. */
  readonly unsure: number;
}

/** What has a name for each thing that is counted by. */
type By<K extends string> = Tally & { readonly [B in K]: string };

export interface Group {
  /** A name for each thing that is counted by, in its order; empty: everything. */
  readonly keys: readonly string[];
  readonly line: ReportLine;
}

/** A line for each combination that occurs, in the order of its names. */
export function grouped<K extends string>(tallies: readonly By<K>[], by: readonly K[]): readonly Group[] {
  const groups = new Map<string, { readonly keys: readonly string[]; readonly of: Tally[] }>();
  for (const tally of tallies) {
    const keys = by.map((part): string => tally[part]);
    const name = keys.join('\0');
    const group = groups.get(name);
    if (group) group.of.push(tally);
    else groups.set(name, { keys, of: [tally] });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { keys, of }]) => ({ keys, line: reportLine(keys.join(' / '), of) }));
}

export function report<K extends string>(tallies: readonly By<K>[], by: K): readonly ReportLine[] {
  return grouped(tallies, [by]).map(({ line }) => line);
}

/** All tallies as one line. */
export function reportLine(by: string, tallies: readonly Tally[]): ReportLine {
  const refused: Record<string, number> = {};
  for (const { refusal, readings } of tallies) if (refusal !== '') refused[refusal] = (refused[refusal] ?? 0) + readings;
  const admitted = sums(tallies.filter((tally) => tally.refusal === '')).readings;
  return { by, ...sums(tallies), admitted, refused, unsure: sums(tallies.filter((tally) => tally.unsure)).presented };
}
