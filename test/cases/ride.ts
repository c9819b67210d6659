/** What a ride costs, as a table: each case is a day of taps by one rider, with what each tap must answer. */
import type { z } from 'zod';
import type { FARES } from '../../src/messages/fares.js';

export interface RideTap {
  /** Local time of Asia/Shanghai; without a date on Monday 2026-03-02. */
  readonly at: string;
  /** Seconds by which the clock may be ahead of that; Infinity: it knows no upper bound. */
  readonly unsure?: number;
  readonly direction?: 'in' | 'out';
  readonly stop?: string;
  readonly lists?: readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly repeat?: true;
  readonly stale?: true;
  /** fen, the refusal and its `why`, or a part of the note. */
  readonly expect: number | string | Readonly<Record<string, unknown>>;
}

export type FaresInput = z.input<typeof FARES>;
type TariffInput = FaresInput['tariffs'][number];

export interface RideCase {
  readonly name: string;
  readonly fares?: unknown;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly taps: readonly RideTap[];
}

const STOPS = [
  { id: 'yishi', stage: 0 },
  { id: 'nanyue', stage: 1 },
  { id: 'foziling', stage: 3 },
  { id: 'dahuaping', stage: 6 },
];

export const TARIFF: TariffInput = {
  version: 7,
  from: 1_700_000_000,
  lines: [
    { id: '1', flat: 200 },
    { id: '2', flat: 300 },
    { id: '8', stops: STOPS, bands: [100, 200, 300, 400, 600], unknownStop: 150 },
  ],
  concessions: [
    { class: 'senior-65', pay: { percent: 50 } },
    { class: 'senior-70', pay: 'free' },
    { class: 'student', pay: { fixed: 100 } },
    { class: 'disabled', pay: 'free' },
    { class: 'minor', pay: 'free' },
    { class: 'worker', pay: { percent: 90 }, hours: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '16:00' }] },
  ],
  transfer: { window: 3600, pay: 'free' },
  cap: 900,
  riders: 3,
  again: 60,
  offline: { rides: 4, fen: 700 },
};

const PLAIN: TariffInput = { version: 7, from: 1_700_000_000, lines: [{ id: '1', flat: 200 }], again: 60 };

export const tariffs = (...all: TariffInput[]): FaresInput => ({ tariffs: all });
const town = (more: Partial<TariffInput> = {}): FaresInput => tariffs({ ...TARIFF, ...more });
const plain = (more: Partial<TariffInput> = {}): FaresInput => tariffs({ ...PLAIN, ...more });

const on = (at: string, expect: RideTap['expect'], more: Partial<RideTap> = {}): RideTap => ({ at, expect, stop: '1/bridge', ...more });
const off = (at: string, expect: RideTap['expect'], more: Partial<RideTap> = {}): RideTap => ({ at, expect, direction: 'out', ...more });
const one = (name: string, tap: RideTap, more: Partial<RideCase> = {}): RideCase => ({ name, fares: town(), taps: [tap], ...more });
const day = (name: string, taps: readonly RideTap[], more: Partial<RideCase> = {}): RideCase => ({ name, fares: town(), taps, ...more });
const two = '2/bridge';

const FLAT: RideCase[] = [
  one('an adult pays the flat fare of the line', on('08:00', 200)),
  one('the line is named by the vehicle before the setting', on('08:00', 300, { stop: two }), { settings: { line: '1' } }),
  one('the setting names the line where the vehicle does not', on('08:00', { fare: 300, line: '2', stop: 'bridge' }, { stop: 'bridge' }), {
    settings: { line: '2' },
  }),
  one('one line in the tariff needs no setting', on('08:00', { fare: 200, line: '1' }, { stop: 'bridge' }), { fares: plain() }),
  one('the stop stands in the entry', on('08:00', { stop: 'bridge', version: 7, ride: 1, riders: 1 })),
  one('a stop that is no name is left out', on('08:00', { fare: 200, stop: undefined }, { stop: '<script>' }), { fares: plain() }),
  one('a stop longer than 32 characters is left out', on('08:00', { fare: 200, stop: undefined }, { stop: 'x'.repeat(33) }), {
    fares: plain(),
  }),
  one('a Chinese stop is a stop', on('08:00', { fare: 200, stop: '南岳' }, { stop: '1/南岳' })),
  one('leaving a flat line costs nothing', off('08:00', 0, { stop: '1/bridge' })),
  day('a second tap at once is a slip of the hand', [on('08:00:00', 200), on('08:00:59', 'already-used again')]),
  day('a second tap after the window is a second ride', [on('08:00:00', 200), on('08:01:00', { fare: 200, ride: 2 })]),
  day('another line at once is no slip', [on('08:00', 200), on('08:00:30', { fare: 0, transfer: 1 }, { stop: two })]),
  one('free lines exist', on('08:00', { fare: 0, concession: undefined }), { fares: plain({ lines: [{ id: '1', flat: 0 }] }) }),
];

const seniors = { lists: ['concession.senior-65'] };
const CONCESSIONS: RideCase[] = [
  one('65 and older pay half', on('08:00', { fare: 100, concession: 'reduced' }, seniors)),
  one('70 and older ride free', on('08:00', { fare: 0, concession: 'free' }, { lists: ['concession.senior-70'] })),
  one('on both lists the lower fare holds', on('08:00', 0, { lists: ['concession.senior-65', 'concession.senior-70'] })),
  one('a student pays the fixed fare', on('08:00', { fare: 100, concession: 'reduced' }, { lists: ['concession.student'] })),
  one('a fixed fare above the fare changes nothing', on('08:00', { fare: 200, concession: undefined }, { lists: ['concession.student'] }), {
    fares: town({ concessions: [{ class: 'student', pay: { fixed: 500 } }] }),
  }),
  one('a disabled rider rides free', on('08:00', 0, { lists: ['concession.disabled'] })),
  one('a minor rides free', on('08:00', 0, { lists: ['concession.minor'] })),
  one('so many fen off the fare', on('08:00', 150, { lists: ['concession.card'] }), {
    fares: town({ concessions: [{ class: 'card', pay: { less: 50 } }] }),
  }),
  one('more off than the fare is free, not money back', on('08:00', { fare: 0, concession: 'free' }, { lists: ['concession.card'] }), {
    fares: town({ concessions: [{ class: 'card', pay: { less: 5000 } }] }),
  }),
  one('a ride code pays up to its own limit', on('08:00', 200, { claims: { limit: 200 } })),
  one('a ride code is refused a fare above its own limit', on('08:00', 'not-entitled over-limit', { claims: { limit: 199 } })),
  one('the limit of a ride code is of the reduced fare', on('08:00', 100, { claims: { limit: 150 }, lists: ['concession.senior-65'] })),
  one('what the code says of itself does not count', on('08:00', 200, { claims: { senior: true, concession: 'senior-70' } })),
  one('a list the tariff does not name does not count', on('08:00', 200, { lists: ['concession.mayor'] })),
  one('another kind of list does not count', on('08:00', 200, { lists: ['event.senior-70'] })),
  one('nobody reads the class in the entry', on('08:00', { fare: 0, class: undefined }, { lists: ['concession.disabled'] })),
  one('half of an odd fare is rounded down', on('08:00', 100, seniors), { fares: town({ lines: [{ id: '1', flat: 201 }] }) }),
  one('reduced fares end on the step', on('08:00', 70, seniors), { fares: town({ lines: [{ id: '1', flat: 155 }], step: 10 }) }),
  one('a full fare is not rounded', on('08:00', 155), { fares: town({ lines: [{ id: '1', flat: 155 }], step: 10 }) }),
  one('0 % is free', on('08:00', { fare: 0, concession: 'free' }, seniors), {
    fares: town({ concessions: [{ class: 'senior-65', pay: { percent: 0 } }] }),
  }),
  one('100 % is no reduction', on('08:00', { fare: 200, concession: undefined }, seniors), {
    fares: town({ concessions: [{ class: 'senior-65', pay: { percent: 100 } }] }),
  }),
  one('off-peak concession before its hours', on('08:59:59', 200, { lists: ['concession.worker'] })),
  one('off-peak concession from its first minute', on('09:00', 180, { lists: ['concession.worker'] })),
  one('off-peak concession until its last minute', on('15:59:59', 180, { lists: ['concession.worker'] })),
  one('off-peak concession no longer at its end', on('16:00', 200, { lists: ['concession.worker'] })),
  one('off-peak concession not on Sunday', on('2026-03-08 10:00', 200, { lists: ['concession.worker'] })),
  one('a doubt of the hour is the rider’s', on('08:59', 180, { lists: ['concession.worker'], unsure: 120 })),
];

const TRANSFERS: RideCase[] = [
  day('a transfer within the window is free', [on('08:00', 200), on('08:30', { fare: 0, transfer: 1 }, { stop: two })]),
  day('the last second belongs to the window', [on('08:00:00', 200), on('09:00:00', { fare: 0, transfer: 1 }, { stop: two })]),
  day('one second later it is over', [on('08:00:00', 200), on('09:00:01', { fare: 300, transfer: undefined }, { stop: two })]),
  day('the same line again is no transfer', [on('08:00', 200), on('08:30', 200)]),
  day('unless the tariff says so', [on('08:00', 200), on('08:30', 0)], {
    fares: plain({ transfer: { window: 3600, pay: 'free', sameLine: true } }),
  }),
  day('one transfer is one transfer', [on('08:00', 200), on('08:20', 0, { stop: two }), on('08:40', 200)]),
  day('two where the tariff says two', [on('08:00', 200), on('08:20', 0, { stop: two }), on('08:40', { fare: 0, transfer: 2 })], {
    fares: town({ transfer: { window: 3600, pay: 'free', most: 2 } }),
  }),
  day('the window counts from the ride before', [on('08:00', 200), on('08:50', 0, { stop: two }), on('09:40', 0)], {
    fares: town({ transfer: { window: 3600, pay: 'free', most: 5 } }),
  }),
  day('or from the first of the journey', [on('08:00', 200), on('08:50', 0, { stop: two }), on('09:40', 200)], {
    fares: town({ transfer: { window: 3600, pay: 'free', most: 5, since: 'first' } }),
  }),
  day('a transfer at half the fare', [on('08:00', 200), on('08:30', 150, { stop: two })], {
    fares: town({ transfer: { window: 3600, pay: { percent: 50 } } }),
  }),
  day('a transfer at one yuan off', [on('08:00', 200), on('08:30', 200, { stop: two })], {
    fares: town({ transfer: { window: 3600, pay: { less: 100 } } }),
  }),
  day('concession first, then transfer', [on('08:00', 100, seniors), on('08:30', 75, { ...seniors, stop: two })], {
    fares: town({ transfer: { window: 3600, pay: { percent: 50 } } }),
  }),
  day('no transfer where the tariff has none', [on('08:00', 200), on('08:30', 300, { stop: two })], {
    fares: tariffs({ version: 7, from: 0, lines: TARIFF.lines }),
  }),
  day('a new journey begins after the window', [on('08:00', 200), on('10:00', 300, { stop: two }), on('10:30', { fare: 0, transfer: 1 })]),
  day('a doubt of the window is the rider’s, and the entry says so', [
    on('08:00', 200),
    on('08:59:50', { fare: 0, transfer: 1, unsure: true }, { stop: two, unsure: 20 }),
  ]),
  day('surely too late is too late', [on('08:00', 200, { unsure: 20 }), on('09:00:21', 300, { stop: two })]),
  day('a clock without an upper bound grants the transfer', [
    on('08:00', 200, { unsure: Number.POSITIVE_INFINITY }),
    on('20:00', { fare: 0, unsure: true }, { stop: two, unsure: Number.POSITIVE_INFINITY }),
  ]),
  day('a transfer over midnight is a transfer', [on('2026-03-02 23:50', 200), on('2026-03-03 00:10', 0, { stop: two })]),
  day('the day of service ends a journey', [on('2026-03-03 03:50', 200), on('2026-03-03 04:00', 300, { stop: two })]),
];

const CAP: RideCase[] = [
  day(
    'the cap is reached exactly',
    [
      on('08:00', 200),
      on('10:00', 200),
      on('12:00', 200),
      on('14:00', { fare: 200, capped: undefined }),
      on('16:00', { fare: 0, capped: true }),
    ],
    {
      fares: plain({ cap: 800 }),
    },
  ),
  day(
    'the ride over the cap pays the rest',
    [on('08:00', 200), on('10:00', 200), on('12:00', { fare: 50, capped: true }), on('14:00', { fare: 0, capped: true })],
    {
      fares: plain({ cap: 450 }),
    },
  ),
  day('a cap of nothing is a free day', [on('08:00', { fare: 0, capped: true })], { fares: plain({ cap: 0 }) }),
  day('without a cap every ride costs', [on('08:00', 200), on('10:00', 200), on('12:00', 200)], { fares: plain() }),
  day('midnight does not end the day', [on('2026-03-02 23:59', 200), on('2026-03-03 00:01', { fare: 100, capped: true })], {
    fares: plain({ cap: 300 }),
  }),
  day('one second before 04:00 is the day before', [on('2026-03-02 20:00', 200), on('2026-03-03 03:59:59', 100)], {
    fares: plain({ cap: 300 }),
  }),
  day('04:00 begins a new day', [on('2026-03-02 20:00', 200), on('2026-03-03 04:00', { fare: 200, ride: 1 })], {
    fares: plain({ cap: 300 }),
  }),
  day('a companion pays outside the cap', [on('08:00', 200), on('08:00:10', 200, { repeat: true }), on('10:00', 100)], {
    fares: plain({ cap: 300, riders: 2 }),
  }),
];

const REPEATS: RideCase[] = [
  day('several riders on one code, counted', [
    on('08:00:00', { fare: 200, repeat: undefined }),
    on('08:00:05', { fare: 200, repeat: 2, ride: 1 }, { repeat: true }),
    on('08:00:10', { fare: 200, repeat: 3, ride: 1 }, { repeat: true }),
    on('08:00:15', 'not-entitled too-many-riders', { repeat: true }),
  ]),
  day(
    'one rider a code where the tariff says nothing',
    [on('08:00', 200), on('08:00:05', 'not-entitled too-many-riders', { repeat: true })],
    {
      fares: plain(),
    },
  ),
  day('the concession is the holder’s alone', [
    on('08:00', 0, { lists: ['concession.senior-70'] }),
    on('08:00:05', { fare: 200, concession: undefined }, { lists: ['concession.senior-70'], repeat: true }),
  ]),
  day('the group transfers as it came', [
    on('08:00', 200),
    on('08:00:05', 200, { repeat: true }),
    on('08:30', { fare: 0, transfer: 1 }, { stop: two }),
    on('08:30:05', { fare: 0, transfer: 1, repeat: 2 }, { stop: two, repeat: true }),
    on('08:30:10', { fare: 300, transfer: undefined, repeat: 3 }, { stop: two, repeat: true }),
  ]),
  day('a repeat with nobody before is a first rider', [on('08:00', { fare: 200, repeat: undefined, ride: 1 }, { repeat: true })]),
  day('a repeat on another line is a first rider', [
    on('08:00', 200),
    on('08:00:05', { fare: 0, transfer: 1 }, { stop: two, repeat: true }),
  ]),
];

const at8 = (stop: string): { readonly stop: string } => ({ stop: `8/${stop}` });
const STAGES: RideCase[] = [
  one('boarding a staged line charges the highest fare from here', on('08:00', { fare: 600, tap: 'on' }, at8('yishi'))),
  one('from the middle the highest is less', on('08:00', 400, at8('foziling'))),
  day('tapping off charges what was ridden', [
    on('08:00', 600, at8('yishi')),
    off('08:20', { fare: 200, tap: 'off', from: 'yishi', ride: 1 }, at8('nanyue')),
  ]),
  day('to the end of the line', [on('08:00', 600, at8('yishi')), off('09:20', 600, at8('dahuaping'))]),
  day('the way back costs the same', [on('08:00', 600, at8('dahuaping')), off('09:20', 400, at8('foziling'))]),
  day('off at the stop of boarding costs one stage', [on('08:00', 600, at8('yishi')), off('08:05', 100, at8('yishi'))]),
  day('without a tap-off the highest fare stands', [on('08:00', 600, at8('yishi')), on('12:00', { fare: 200, ride: 2 })]),
  day('off without on pays the highest fare to here', [off('08:00', { fare: 400, unmatched: true, ride: 1 }, at8('foziling'))]),
  day('off twice is a slip of the hand', [
    on('08:00', 600, at8('yishi')),
    off('08:20', 200, at8('nanyue')),
    off('08:20:30', 'already-used tapped-off', at8('nanyue')),
  ]),
  day(
    'off twice without on is a slip as well',
    [off('08:20', 500, at8('nanyue')), off('08:20:30', 'already-used tapped-off', at8('nanyue'))],
    {
      fares: town({ lines: [{ id: '8', stops: STOPS, bands: [100, 200, 300, 400, 450, 500], unknownStop: 150 }] }),
    },
  ),
  day('half fare by stage', [
    on('08:00', { fare: 300, concession: 'reduced' }, { ...seniors, ...at8('yishi') }),
    off('08:20', 100, { ...seniors, ...at8('nanyue') }),
  ]),
  day('the hour of boarding decides a concession', [
    on('15:50', 540, { lists: ['concession.worker'], ...at8('yishi') }),
    off('16:20', 180, { lists: ['concession.worker'], ...at8('nanyue') }),
  ]),
  day(
    'a tap-off frees the cap again',
    [
      on('08:00', { fare: 500, capped: true }, at8('yishi')),
      off('08:20', { fare: 200, capped: undefined }, at8('nanyue')),
      on('12:00', { fare: 300, capped: true }, at8('yishi')),
    ],
    { fares: town({ cap: 500 }) },
  ),
  day('a group leaves with one tap', [
    on('08:00', 600, at8('yishi')),
    on('08:00:05', { fare: 600, repeat: 2 }, { repeat: true, ...at8('yishi') }),
    off('08:20', { fare: 400, riders: 2 }, at8('nanyue')),
  ]),
  day('a free holder leaves with a paying companion', [
    on('08:00', 0, { lists: ['concession.minor'], ...at8('yishi') }),
    on('08:00:05', 600, { repeat: true, lists: ['concession.minor'], ...at8('yishi') }),
    off('08:20', { fare: 200, riders: 2 }, { lists: ['concession.minor'], ...at8('nanyue') }),
  ]),
  day('a transfer onto a staged line', [
    on('08:00', 200),
    on('08:30', { fare: 0, transfer: 1 }, at8('yishi')),
    off('08:50', { fare: 0, transfer: 1 }, at8('nanyue')),
  ]),
  one('the vehicle does not know where it is', on('08:00', { fare: 150, stop: undefined }, { stop: '8/' })),
  one('a stop the line does not have', on('08:00', { fare: 150, stop: undefined }, at8('beijing'))),
  one('no source of stops at all', { at: '08:00', expect: { fare: 150, line: '8', stop: undefined } }, { settings: { line: '8' } }),
  day('boarded where nobody knows, off where one knows', [
    on('08:00', 150, { stop: '8/' }),
    off('08:20', { fare: 150, from: null }, at8('nanyue')),
  ]),
  day('off where nobody knows', [
    on('08:00', 600, at8('yishi')),
    off('08:20', { fare: 150, from: 'yishi', stop: undefined }, { stop: '8/' }),
  ]),
  day(
    'a tap-off after 04:00 finds no boarding',
    [on('2026-03-03 03:50', 600, at8('yishi')), off('2026-03-03 04:10', { fare: 500, unmatched: true }, at8('nanyue'))],
    {
      fares: town({ lines: [{ id: '8', stops: STOPS, bands: [100, 200, 300, 400, 450, 500, 600], unknownStop: 150 }] }),
    },
  ),
  day('stop on line 8, off on line 2: the ride on 8 stays open', [
    on('08:00', 600, at8('yishi')),
    off('08:20', 0, { stop: two }),
    off('08:30', 200, at8('nanyue')),
  ]),
];

const CHANGE = 1_772_380_800; // 2026-03-02 00:00 Asia/Shanghai
const dearer = { ...PLAIN, version: 8, from: CHANGE, lines: [{ id: '1', flat: 250 }] };
const VERSIONS: RideCase[] = [
  one('before the change the old fare', on('2026-03-01 23:59:59', { fare: 200, version: 7 }), { fares: tariffs(PLAIN, dearer) }),
  one('from the second of the change the new one', on('2026-03-02 00:00:00', { fare: 250, version: 8 }), { fares: tariffs(PLAIN, dearer) }),
  one('a doubt at the change goes by the earliest time', on('2026-03-01 23:59:50', { fare: 200, version: 7 }, { unsure: 60 }), {
    fares: tariffs(PLAIN, dearer),
  }),
  one('only fares of the future: recorded, priced later', on('2026-03-01 12:00', { unpriced: 'no-tariff', fare: undefined }), {
    fares: tariffs(dearer),
  }),
  day(
    'a ride begun before the change ends by the old fares',
    [on('2026-03-01 23:50', 600, at8('yishi')), off('2026-03-02 00:10', 200, at8('nanyue'))],
    {
      fares: tariffs(TARIFF, {
        ...TARIFF,
        version: 8,
        from: CHANGE,
        lines: [{ id: '8', stops: STOPS, bands: [500, 1000], unknownStop: 900 }],
      }),
    },
  ),
];

const WITHOUT: RideCase[] = [
  one(
    'no fares yet: the ride is recorded, the platform prices it',
    on('08:00', { unpriced: 'no-fares', fare: undefined, ride: 1, line: '1' }),
    { fares: undefined },
  ),
  one('no fares yet, refused where the company says so', on('08:00', 'out-of-order no-fares'), {
    fares: undefined,
    settings: { withoutFares: 'refuse' },
  }),
  one('no fares yet, one fare where the company says so', on('08:00', { fare: 150, version: 0, fallback: 'no-fares' }), {
    fares: undefined,
    settings: { withoutFares: 150 },
  }),
  one('an unknown line', on('08:00', { unpriced: 'no-line' }, { stop: '99/bridge' })),
  one('an unknown line is refused where the company says so', on('08:00', 'out-of-order no-line', { stop: '99/bridge' }), {
    settings: { withoutFares: 'refuse' },
  }),
  one('several lines and none named', on('08:00', { unpriced: 'no-line' }, { stop: 'bridge' })),
  one('fares that are no fares', on('08:00', 'out-of-order bad-fares'), {
    fares: { tariffs: [{ ...PLAIN, cap: -1 }] },
    settings: { withoutFares: 'refuse' },
  }),
  one('fares that are a number', on('08:00', { unpriced: 'bad-fares' }), { fares: 200 }),
];

const STALE: RideCase[] = [
  day('while trust is stale, so many rides a day', [
    on('08:00', 0, { stale: true, lists: ['concession.minor'] }),
    on('10:00', 0, { stale: true, lists: ['concession.minor'] }),
    on('12:00', 0, { stale: true, lists: ['concession.minor'] }),
    on('14:00', 0, { stale: true, lists: ['concession.minor'] }),
    on('16:00', 'trust-stale offline-limit', { stale: true, lists: ['concession.minor'] }),
  ]),
  day('while trust is stale, so much money a day', [
    on('08:00', 200, { stale: true }),
    on('10:00', 200, { stale: true }),
    on('12:00', 200, { stale: true }),
    on('14:00', 'trust-stale offline-limit', { stale: true }),
  ]),
  day('the money limit is reached exactly', [
    on('08:00', 300, { stop: two, stale: true }),
    on('10:00', 200, { stale: true }),
    on('12:00', 200, { stale: true }),
  ]),
  day('fresh trust knows no such limit', [on('08:00', 200), on('10:00', 200), on('12:00', 200), on('14:00', 200), on('16:00', 100)]),
  day('rides before trust went stale count', [
    on('08:00', 200),
    on('10:00', 200),
    on('12:00', 200),
    on('14:00', 'trust-stale offline-limit', { stale: true }),
  ]),
  day('companions count', [
    on('08:00', 200, { stale: true }),
    on('08:00:05', 200, { stale: true, repeat: true }),
    on('10:00', 200, { stale: true }),
    on('12:00', 'trust-stale offline-limit', { stale: true }),
  ]),
  day('nobody is kept on the bus for the limit of a code', [
    on('08:00', 'not-entitled over-limit', { ...at8('foziling'), claims: { limit: 100 } }),
    off('08:20', { unmatched: true }, { ...at8('nanyue'), claims: { limit: 100 } }),
  ]),
  day('nobody is kept on the bus', [on('08:00', 600, { ...at8('yishi') }), off('08:20', 200, { stale: true, ...at8('nanyue') })], {
    fares: town({ offline: { rides: 0, fen: 0 } }),
  }),
  day(
    'limits of the terminal where the tariff has none',
    [on('08:00', 200, { stale: true }), on('10:00', 'trust-stale offline-limit', { stale: true })],
    {
      fares: plain(),
      settings: { offline: { rides: 1, fen: 5000 } },
    },
  ),
  day('a new day, a new limit', [on('2026-03-02 08:00', 200, { stale: true }), on('2026-03-03 08:00', 200, { stale: true })], {
    fares: plain(),
    settings: { offline: { rides: 1, fen: 5000 } },
  }),
];

export const RIDE_CASES: readonly RideCase[] = [
  ...FLAT,
  ...CONCESSIONS,
  ...TRANSFERS,
  ...CAP,
  ...REPEATS,
  ...STAGES,
  ...VERSIONS,
  ...WITHOUT,
  ...STALE,
];

const wrong = (name: string, more: Record<string, unknown>): readonly [string, unknown] => [name, { tariffs: [{ ...PLAIN, ...more }] }];

/** What the platform cannot publish and a terminal does not take. */
export const WRONG_FARES: readonly (readonly [string, unknown])[] = [
  wrong('a negative fare', { lines: [{ id: '1', flat: -1 }] }),
  wrong('a fare of half a fen', { lines: [{ id: '1', flat: 0.5 }] }),
  wrong('a fare that is not a number', { lines: [{ id: '1', flat: Number.NaN }] }),
  wrong('a fare without end', { lines: [{ id: '1', flat: Number.POSITIVE_INFINITY }] }),
  wrong('a fare over 1,000 yuan', { lines: [{ id: '1', flat: 100_001 }] }),
  wrong('a fare in words', { lines: [{ id: '1', flat: '200' }] }),
  wrong('a percentage over 100', { concessions: [{ class: 'a', pay: { percent: 101 } }] }),
  wrong('a negative percentage', { concessions: [{ class: 'a', pay: { percent: -1 } }] }),
  wrong('two rules in one reduction', { concessions: [{ class: 'a', pay: { percent: 50, less: 10 } }] }),
  wrong('one class twice', {
    concessions: [
      { class: 'a', pay: 'free' },
      { class: 'a', pay: 'free' },
    ],
  }),
  wrong('a rule nobody knows', { happyHour: true }),
  wrong('two lines with one id', {
    lines: [
      { id: '1', flat: 1 },
      { id: '1', flat: 2 },
    ],
  }),
  wrong('two stops with one id', {
    lines: [
      {
        id: '1',
        stops: [
          { id: 'a', stage: 0 },
          { id: 'a', stage: 1 },
        ],
        bands: [1],
        unknownStop: 1,
      },
    ],
  }),
  wrong('a longer way that costs less', { lines: [{ id: '1', stops: STOPS, bands: [200, 100], unknownStop: 1 }] }),
  wrong('a line both flat and staged', { lines: [{ id: '1', flat: 100, stops: STOPS, bands: [100], unknownStop: 1 }] }),
  wrong('no lines', { lines: [] }),
  wrong('a negative cap', { cap: -1 }),
  wrong('a transfer window of a month', { transfer: { window: 2_592_000, pay: 'free' } }),
  wrong('no riders on a code', { riders: 0 }),
  wrong('hours of a 25th hour', { concessions: [{ class: 'a', pay: 'free', hours: [{ from: '25:00', to: '26:00' }] }] }),
  wrong('hours of no length', { concessions: [{ class: 'a', pay: 'free', hours: [{ from: '08:00', to: '08:00' }] }] }),
  wrong('a beginning before 1970', { from: -1 }),
  ['tariffs out of order', { tariffs: [dearer, PLAIN] }],
  ['two tariffs of one version', { tariffs: [PLAIN, { ...dearer, version: 7 }] }],
  ['no tariff', { tariffs: [] }],
  ['nothing', undefined],
  ['a text', 'fares'],
];
