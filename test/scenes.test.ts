/** The scenes of lanes, judged by their tables of cases, and by what must hold whatever happens. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Credential, Json, Judgement, Moment, Situation } from '../src/contracts.js';
import { localTime } from '../src/messages/calendar.js';
import { decodeFares, encodeFares, FARES, parseFares } from '../src/messages/fares.js';
import { openDuring } from '../src/messages/hours.js';
import entry from '../src/scenes/entry.js';
import ride from '../src/scenes/ride.js';
import { ENTRY_CASES, type EntryCase, WRONG_ENTRY_SETTINGS } from './cases/entry.js';
import { type FaresInput, RIDE_CASES, type RideTap, TARIFF, tariffs, WRONG_FARES } from './cases/ride.js';

const SUBJECT = 'rrrrrrrrrrrrrrrrrrrrrQ';

function instant(text: string): number {
  const full = text.includes(' ') ? text : `2026-03-02 ${text}`;
  return Date.parse(`${full.replace(' ', 'T')}${full.length === 16 ? ':00' : ''}+08:00`);
}

function moment(text: string, unsure = 0): Moment {
  const earliest = instant(text);
  return { earliest, latest: earliest + unsure * 1000 };
}

function credential(claims: Credential['claims'] = {}): Credential {
  const times = { validFrom: 0, validUntil: Number.POSITIVE_INFINITY, revokedAt: Number.POSITIVE_INFINITY };
  return { kind: 'person', format: 'ak1', form: 'paper', subject: SUBJECT, codeId: '', colour: 'green', ...times, claims };
}

function situation(at: Moment, more: Partial<Situation> = {}): Situation {
  return {
    station: 'front',
    direction: 'in',
    at,
    local: localTime(at.earliest),
    colour: 'green',
    stale: false,
    listed: () => false,
    memory: undefined,
    inside: 0,
    previous: undefined,
    stop: undefined,
    repeat: false,
    data: () => undefined,
    ...more,
  };
}

/** Copied through JSON and checked, as the journal keeps it. */
function kept(t: Test | undefined, memory: Json): Json {
  const text = JSON.stringify(memory);
  t?.ok(text.length <= 1024, 'memory is at most 1 KiB');
  t?.notMatch(text, /\d\.\d|\de\d/, 'memory holds integers only');
  return JSON.parse(text) as Json;
}

function judgeTap(tap: RideTap, { fares, settings, memory }: { fares: unknown; settings: unknown; memory: Json | undefined }): Judgement {
  const lists = tap.lists ?? [];
  const here = situation(moment(tap.at, tap.unsure), {
    direction: tap.direction ?? 'in',
    listed: (list, subject) => subject === SUBJECT && lists.includes(list),
    memory,
    stop: tap.stop,
    repeat: tap.repeat ?? false,
    stale: tap.stale ?? false,
    data: (name) => (name === 'fares' ? fares : undefined),
  });
  return ride.judge(credential(tap.claims), here, ride.settings.parse(settings));
}

function whyOf({ note }: Judgement): string {
  const why = note?.['why'];
  return typeof why === 'string' ? why : '';
}

function holds(t: Test, judgement: Judgement, expect: RideTap['expect']): void {
  const note = judgement.note ?? {};
  if (typeof expect === 'string') {
    t.equal(judgement.admit ? 'admitted' : `${judgement.refusal} ${whyOf(judgement)}`, expect);
    return;
  }
  t.equal(judgement.admit, true, JSON.stringify(judgement));
  const wanted = typeof expect === 'number' ? { fare: expect } : expect;
  for (const [key, value] of Object.entries(wanted)) t.equal(note[key], value, `${key} in ${JSON.stringify(note)}`);
}

t.test('rides', (t) => {
  t.ok(RIDE_CASES.length >= 80, `${RIDE_CASES.length} cases`);
  t.equal(new Set(RIDE_CASES.map(({ name }) => name)).size, RIDE_CASES.length, 'every case has its own name');
  for (const { name, fares, settings = {}, taps } of RIDE_CASES) {
    t.test(name, (t) => {
      let memory: Json | undefined;
      for (const tap of taps) {
        const judgement = judgeTap(tap, { fares, settings, memory });
        holds(t, judgement, tap.expect);
        if (judgement.admit && judgement.passed?.memory !== undefined) memory = kept(t, judgement.passed.memory);
      }
      t.end();
    });
  }
  t.end();
});

t.test('a ride is charged when the person went through, not when the gate was told to open', (t) => {
  const judgement = judgeTap({ at: '08:00', stop: '1/bridge', expect: 200 }, { fares: tariffs(TARIFF), settings: {}, memory: undefined });
  t.ok(judgement.admit && judgement.memory === undefined && judgement.passed?.memory !== undefined);
  t.end();
});

t.test('memory that another version wrote begins anew and says so', (t) => {
  for (const memory of [null, 7, 'x', [], {}, { day: '2026-03-02', rides: -1 }] satisfies Json[]) {
    holds(t, judgeTap({ at: '08:00', stop: '1/bridge', expect: 200 }, { fares: tariffs(TARIFF), settings: {}, memory }), {
      fare: 200,
      ride: 1,
      reset: true,
    });
  }
  t.end();
});

t.test('fares', (t) => {
  for (const [name, wrong] of WRONG_FARES) t.equal(parseFares(wrong), undefined, `${name} is refused`);
  const all = FARES.parse(tariffs(TARIFF));
  t.same(decodeFares(encodeFares(tariffs(TARIFF))), all, 'fares come back from their signed bytes as they were');
  t.same(parseFares(all), all, 'fares that were read once read the same again');
  const [, example = ''] = /```json\n([^`]*)```/.exec(readFileSync(new URL('../../docs/ride.md', import.meta.url), 'utf8')) ?? [];
  t.equal(parseFares(JSON.parse(example))?.tariffs[0]?.version, 7, 'the example of docs/ride.md is such data');
  t.equal(decodeFares(new Uint8Array([0xff])), undefined, 'noise is not fares');
  t.throws(() => encodeFares({ tariffs: [] }), 'the platform cannot publish what a terminal would not take');
  t.end();
});

t.test('settings of a ride', (t) => {
  t.ok(ride.settings.safeParse({}).success, 'none are needed');
  for (const wrong of [
    { line: '' },
    { line: 'a b' },
    { withoutFares: -1 },
    { withoutFares: 'free' },
    { offline: { rides: -1, fen: 0 } },
    { fare: 1 },
  ]) {
    t.notOk(ride.settings.safeParse(wrong).success, JSON.stringify(wrong));
  }
  t.end();
});

function judgeEntry(one: EntryCase): Judgement {
  const lists = one.lists ?? [];
  const here = situation(moment(one.at ?? '10:00', one.unsure), {
    direction: one.direction ?? 'in',
    listed: (list, first, second) => lists.includes(second === undefined ? list : `${list} ${first}`) && (second ?? first) === SUBJECT,
    memory: one.memory,
    inside: one.inside ?? 0,
    previous: one.previous === undefined ? undefined : { subject: one.previous, agoMs: 8000 },
  });
  return entry.judge(credential(), here, entry.settings.parse(one.settings ?? {}));
}

t.test('entries', (t) => {
  t.equal(new Set(ENTRY_CASES.map(({ name }) => name)).size, ENTRY_CASES.length, 'every case has its own name');
  for (const one of ENTRY_CASES) {
    t.test(one.name, (t) => {
      const judgement = judgeEntry(one);
      const note = judgement.note ?? {};
      t.equal(judgement.admit ? (one.direction ?? 'in') : `${judgement.refusal} ${whyOf(judgement)}`, one.expect);
      if (one.note) t.match(note, one.note);
      if (one.note && judgement.admit) t.same(note, one.note);
      if (one.passed) t.same(judgement.admit && judgement.passed, { ...(judgement.admit && judgement.passed), ...one.passed });
      if (judgement.admit) t.equal(judgement.memory, undefined, 'only a passage is remembered');
      t.end();
    });
  }
  for (const [name, wrong] of WRONG_ENTRY_SETTINGS) t.notOk(entry.settings.safeParse(wrong).success, `${name} is refused`);
  t.end();
});

t.test('every word of refusal that a scene can say has its words in both languages', (t) => {
  const said = (judgement: Judgement): string | undefined => (judgement.admit ? undefined : whyOf(judgement));
  for (const one of ENTRY_CASES) {
    const why = said(judgeEntry(one));
    if (why) t.ok(why in entry.words, why);
  }
  const rides: string[] = RIDE_CASES.flatMap(({ taps }) =>
    taps.flatMap(({ expect }) => (typeof expect === 'string' ? [expect.split(' ')[1] ?? ''] : [])),
  );
  for (const why of rides) t.ok(why in ride.words, why);
  for (const { zh, en } of [...Object.values(entry.words), ...Object.values(ride.words)])
    t.ok(zh.length > 0 && en.length > 0 && /\p{Script=Han}/u.test(zh));
  t.end();
});

const anyFares: fc.Arbitrary<FaresInput> = fc
  .record({
    flat: fc.integer({ min: 0, max: 1000 }),
    bands: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 6 }).map((bands) => bands.sort((a, b) => a - b)),
    unknownStop: fc.integer({ min: 0, max: 1000 }),
    cap: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }),
    percent: fc.integer({ min: 0, max: 100 }),
    window: fc.integer({ min: 0, max: 7200 }),
    most: fc.integer({ min: 1, max: 5 }),
    since: fc.constantFrom('previous' as const, 'first' as const),
    riders: fc.integer({ min: 1, max: 5 }),
    again: fc.integer({ min: 0, max: 300 }),
    step: fc.constantFrom(1, 5, 10),
  })
  .map(({ flat, bands, unknownStop, cap, percent, window, most, since, riders, again, step }) =>
    tariffs({
      version: 3,
      from: 0,
      lines: [
        { id: '1', flat },
        {
          id: '8',
          stops: [
            { id: 'a', stage: 0 },
            { id: 'b', stage: 2 },
            { id: 'c', stage: 5 },
          ],
          bands,
          unknownStop,
        },
      ],
      concessions: [
        { class: 'half', pay: { percent } },
        { class: 'free', pay: 'free' },
      ],
      transfer: { window, most, since, pay: { percent: 100 - percent } },
      ...(cap !== undefined && { cap }),
      riders,
      again,
      step,
    }),
  );

interface RandomTap {
  readonly wait: number;
  readonly unsure: number;
  readonly stop: string;
  readonly direction: 'in' | 'out';
  readonly repeat: boolean;
  readonly stale: boolean;
  readonly lists: readonly string[];
}

const anyTap: fc.Arbitrary<RandomTap> = fc.record({
  wait: fc.integer({ min: 0, max: 5_400_000 }),
  unsure: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 }), fc.constant(Number.POSITIVE_INFINITY)),
  stop: fc.constantFrom('1/a', '8/a', '8/b', '8/c', '8/', '', '9/a', `8/${'长'.repeat(40)}`),
  direction: fc.constantFrom('in' as const, 'in' as const, 'out' as const),
  repeat: fc.boolean(),
  stale: fc.boolean(),
  lists: fc.subarray(['concession.half', 'concession.free']),
});

/** A day of taps; what each settles to, by the rule of docs/ride.md: a tap-off takes the place of its boarding. */
function dayOf(fares: FaresInput, taps: readonly RandomTap[]): { judgements: Judgement[]; memories: Json[]; holder: number; day: string } {
  const settings = ride.settings.parse({ withoutFares: 'refuse' });
  let at = instant('04:00:00');
  let memory: Json | undefined;
  const judgements: Judgement[] = [];
  const memories: Json[] = [];
  const holders = new Map<number, number>();
  for (const { wait, unsure, stop, direction, repeat, stale, lists } of taps) {
    at = Math.min(at + wait, instant('2026-03-03 03:59:59'));
    const here = situation(
      { earliest: at, latest: at + unsure },
      {
        direction,
        repeat,
        stale,
        stop,
        memory,
        listed: (list) => lists.includes(list),
        data: () => fares,
      },
    );
    const judgement = ride.judge(credential(), here, settings);
    judgements.push(judgement);
    if (!judgement.admit) continue;
    memory = judgement.passed?.memory ?? memory;
    if (judgement.passed?.memory !== undefined) memories.push(kept(undefined, judgement.passed.memory));
    const note = judgement.note ?? {};
    const alone = note['riders'] === 1 && note['repeat'] === undefined;
    if (alone) holders.set(Number(note['ride']), Number(note['fare']));
  }
  const holder = [...holders.values()].reduce((sum, fare) => sum + fare, 0);
  return { judgements, memories, holder, day: JSON.stringify(judgements) };
}

const anyDay = fc.tuple(anyFares, fc.array(anyTap, { maxLength: 25 }));

t.test('whatever happens on a day, a fare is a whole number of fen and never negative', (t) => {
  fc.assert(
    fc.property(anyDay, ([fares, taps]) =>
      dayOf(fares, taps).judgements.every(
        ({ admit, note }) => !admit || (Number.isSafeInteger(note?.['fare']) && Number(note?.['fare']) >= 0),
      ),
    ),
    { numRuns: 300 },
  );
  t.end();
});

t.test('whatever happens on a day, a holder who rides alone pays at most the cap', (t) => {
  fc.assert(
    fc.property(anyDay, ([fares, taps]) => {
      const cap = fares.tariffs[0]?.cap ?? Number.POSITIVE_INFINITY;
      return (
        dayOf(
          fares,
          taps.map((tap) => ({ ...tap, repeat: false })),
        ).holder <= cap
      );
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('whatever happens on a day, what is remembered stays under 1 KiB, in whole numbers, and adds up', (t) => {
  fc.assert(
    fc.property(anyDay, ([fares, taps]) => {
      const cap = fares.tariffs[0]?.cap ?? Number.POSITIVE_INFINITY;
      return dayOf(fares, taps).memories.every((memory) => {
        const { own, all } = memory as { own: number; all: number };
        const text = JSON.stringify(memory);
        return Buffer.byteLength(text) <= 1024 && !/\d\.\d|\de\d|:-/.test(text) && own <= all && own <= cap;
      });
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('the same day twice gives the same answers', (t) => {
  fc.assert(
    fc.property(anyDay, ([fares, taps]) => dayOf(fares, taps).day === dayOf(structuredClone(fares), taps).day),
    { numRuns: 100 },
  );
  t.end();
});

t.test('a closing of the group never costs more than its boarding', (t) => {
  fc.assert(
    fc.property(anyDay, ([fares, taps]) => {
      let before = 0;
      for (const memory of dayOf(fares, taps).memories) {
        const { all, last } = memory as { all: number; last: { off: number | null; at: number } | null };
        if (last?.off !== null && last && last.off > last.at && all > before) return false;
        before = all;
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('hours agree with a clock that counts every minute of the week', (t) => {
  const hours = [
    { days: [1, 7], from: '22:30', to: '01:15' },
    { days: [3], from: '00:00', to: '24:00' },
  ];
  const monday = instant('2026-03-02 00:00');
  for (let minute = 0; minute < 10_080; minute += 5) {
    const at = monday + minute * 60_000;
    const { weekday, minute: m } = localTime(at);
    const late = (weekday === 1 || weekday === 7) && m >= 1350;
    const early = (weekday === 2 || weekday === 1) && m < 75;
    const open = late || early || weekday === 3;
    if (openDuring(hours, { earliest: at, latest: at }) !== (open ? 'open' : 'closed')) t.fail(new Date(at).toISOString());
  }
  t.end();
});
