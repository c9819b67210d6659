/** The clock as an interval: it always holds the true time, or says that it does not know (architecture decision 5). */
import * as fc from 'fast-check';
import t from 'tap';
import type { Instant, Log } from '../src/contracts.js';
import { type KernelClock, kernelClock, rtcNow } from '../src/ports/ntp.js';
import { boxClocks, type ClockSettings, type Clocks, openClock, type TrustClock } from '../src/trust/clock.js';
import type { Keep } from '../src/trust/keep.js';

const BUILT: Instant = Date.UTC(2026, 0, 1);
const NOW: Instant = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR = 365 * DAY;

/** A box whose true time is known: its clocks run as wrong as they are told to. */
class Box {
  now = NOW;
  /** Of the wall clock against the true time; NaN never. */
  wallOff = 0;
  /** How much faster than time the crystal runs. */
  ppm = 0;
  ntp: { readonly error: number; readonly off: number } | undefined;
  rtcOff: number | undefined;
  rtcSecondsADay = 0;
  journalFull = false;
  clock: TrustClock;
  settings: ClockSettings;
  readonly events: string[] = [];
  readonly journal: string[] = [];
  readonly words = new Map<string, string>();
  kept = 0;
  #mono = 1000;
  #jobs: { readonly ms: number; readonly job: () => void; due: number }[] = [];

  constructor(settings: Partial<ClockSettings> = {}, now = NOW) {
    this.now = now;
    this.settings = { source: 'ntp', rtc: false, driftPpm: 100, ...settings };
    this.clock = this.#open();
  }

  #open(): TrustClock {
    const clocks: Clocks = {
      monotonic: () => this.#mono,
      wall: () => this.now + this.wallOff,
      kernel: (): KernelClock => {
        if (!this.ntp) return { synchronised: false };
        const said = this.now + this.ntp.off;
        return { synchronised: true, earliest: said - this.ntp.error, latest: said + this.ntp.error };
      },
      rtc: () => (this.rtcOff === undefined ? undefined : Math.floor((this.now + this.rtcOff) / 1000) * 1000),
      every: (ms, job) => {
        const entry = { ms, job, due: this.#mono + ms };
        this.#jobs.push(entry);
        return () => (this.#jobs = this.#jobs.filter((one) => one !== entry));
      },
    };
    const keep: Keep = {
      kept: (name) => this.words.get(name),
      keep: (name, value) => {
        if (this.journalFull) throw new Error('disk full');
        this.kept++;
        this.words.set(name, value);
      },
    };
    const note = (event: string): void => void this.events.push(event);
    const log: Log = { info: note, warn: note, error: note };
    const lowered = ({ by }: { by: string }): void => {
      if (this.journalFull) throw new Error('disk full');
      this.journal.push(by);
    };
    return openClock({ settings: this.settings, built: BUILT, clocks, keep, log, lowered });
  }

  /** Time passes, and what is due happens on the way. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const rate = 1 + this.ppm / 1e6;
      const next = this.#jobs.reduce<number>((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY);
      const step = Math.max(0, (next - this.#mono) / rate);
      if (this.now + step > end) break;
      this.#move(step);
      this.#mono = Math.max(this.#mono, next);
      for (const entry of this.#jobs.filter(({ due }) => due <= this.#mono)) {
        entry.due += entry.ms;
        entry.job();
      }
    }
    this.#move(end - this.now);
  }

  #move(ms: number): void {
    this.now += ms;
    this.#mono += ms * (1 + this.ppm / 1e6);
    if (this.rtcOff !== undefined) this.rtcOff += (ms / DAY) * this.rtcSecondsADay * 1000;
  }

  /** No goodbye, no power for so long, a new monotonic clock. */
  powerCut(ms: number): void {
    this.#jobs = [];
    this.#move(ms);
    this.#mono = 5;
    this.clock = this.#open();
  }

  get moment() {
    return this.clock.now();
  }

  /** How far the interval reaches before and after the true time. */
  get reach(): readonly [number, number] {
    const { earliest, latest } = this.moment;
    return [this.now - earliest, latest - this.now];
  }

  get isRight(): boolean {
    const [before, after] = this.reach;
    return before >= 0 && after >= 0;
  }

  issued(): boolean {
    return this.clock.issued(Math.floor(this.now / 1000) * 1000);
  }
}

t.test('a new box knows only that it is later than its program', (t) => {
  const box = new Box();
  t.strictSame(box.moment, { earliest: BUILT, latest: Number.POSITIVE_INFINITY });
  t.end();
});

t.test('a clock that starts in 1970 is not believed, and nothing is guessed', (t) => {
  const box = new Box({ source: 'system' });
  box.wallOff = -NOW;
  box.powerCut(0);
  t.strictSame(box.moment, { earliest: BUILT, latest: Number.POSITIVE_INFINITY });
  t.ok(box.events.includes('clock-fault'));
  box.issued();
  t.ok(box.reach[0] < 1001, 'the platform’s word is the floor');
  t.equal(box.moment.latest, Number.POSITIVE_INFINITY);
  t.end();
});

t.test('a clock that says 2040 makes the time uncertain, never late', (t) => {
  const box = new Box({ source: 'system' });
  box.issued();
  box.wallOff = 14 * YEAR;
  box.pass(MINUTE);
  t.ok(box.reach[0] < 1100, 'earliest is not touched by a wall clock');
  t.ok(box.reach[1] > 13 * YEAR);
  box.wallOff = 0;
  box.pass(MINUTE);
  t.ok(box.reach[1] < 3000, 'and all is well when it is put right');
  t.end();
});

t.test('a wall clock that jumps back is a fault, and the time is uncertain until it is right again', (t) => {
  const box = new Box({ source: 'system' });
  box.issued();
  box.pass(MINUTE);
  t.ok(box.isRight && box.reach[1] < 3000);
  box.wallOff = -3 * YEAR;
  box.pass(MINUTE);
  t.ok(box.isRight);
  t.equal(box.moment.latest, Number.POSITIVE_INFINITY);
  t.equal(box.events.filter((event) => event === 'clock-fault').length, 1, 'said once a minute, not every time');
  t.ok(box.clock.quality().faults > 1);
  box.wallOff = 0;
  box.pass(MINUTE);
  t.ok(box.isRight && box.reach[1] < 3000);
  t.end();
});

t.test('NTP bounds the time, and when it is lost the bound widens by the drift', (t) => {
  const box = new Box();
  box.issued();
  box.ntp = { error: 50, off: 20 };
  box.pass(MINUTE);
  t.ok(box.isRight && box.reach[1] <= 100);
  t.match(box.clock.quality().sources, { ntp: Number });
  box.ntp = undefined;
  box.ppm = -90;
  box.pass(10 * DAY);
  t.ok(box.isRight);
  t.ok(box.reach[1] < 10 * DAY * 200e-6 + 1000);
  t.strictSame(
    box.events.filter((event) => event.startsWith('ntp')),
    ['ntp-lost', 'ntp-seen', 'ntp-lost'],
  );
  t.end();
});

t.test('NTP never raises the floor', (t) => {
  const box = new Box();
  box.ntp = { error: 10, off: 14 * YEAR };
  box.pass(MINUTE);
  t.ok(box.moment.earliest < BUILT + 2 * MINUTE);
  t.ok(box.isRight);
  t.end();
});

t.test('a signed time beyond a known latest is a clock fault, not a floor', (t) => {
  const box = new Box();
  box.issued();
  box.ntp = { error: 50, off: 0 };
  box.pass(MINUTE);
  t.equal(box.clock.issued(Date.UTC(2040, 0, 1)), false);
  t.ok(box.isRight && box.reach[0] < 1100);
  t.equal(box.clock.quality().faults, 1);
  t.ok(box.events.includes('clock-fault'));
  t.equal(box.clock.answered(Date.UTC(2040, 0, 1), box.clock.monotonic()), false, 'an answer is no better');
  t.ok(box.isRight && box.reach[1] < 200);
  t.end();
});

t.test('with nothing known a signed time is the floor, and an operator can lower it', (t) => {
  const box = new Box();
  t.equal(box.clock.issued(Date.UTC(2040, 0, 1)), true);
  t.equal(box.moment.earliest, Date.UTC(2040, 0, 1));
  box.journalFull = true;
  t.throws(() => box.clock.lowerFloor(NOW, 'operator'), 'disk full');
  t.equal(box.moment.earliest, Date.UTC(2040, 0, 1), 'not without a line in the journal');
  box.journalFull = false;
  box.clock.lowerFloor(NOW, 'operator');
  t.equal(box.moment.earliest, NOW);
  t.strictSame(box.journal, ['operator']);
  box.powerCut(0);
  t.equal(box.moment.earliest, NOW, 'kept over a restart at once');
  box.clock.lowerFloor(0, 'root');
  t.equal(box.moment.earliest, BUILT, 'never before the program was built');
  box.clock.lowerFloor(NOW, 'root');
  t.equal(box.moment.earliest, BUILT, 'and this way it never goes up');
  t.end();
});

t.test('an answer to our own question bounds the time on both sides', (t) => {
  const box = new Box({ source: 'none' });
  const asked = box.clock.monotonic();
  box.pass(300);
  const issued = Math.floor(box.now / 1000) * 1000;
  box.pass(700);
  t.equal(box.clock.answered(issued, asked), true);
  t.ok(box.isRight);
  t.ok(box.reach[0] <= 2000 && box.reach[1] <= 2001);
  t.end();
});

t.test('satellites bound the time where there is no network', (t) => {
  const box = new Box({ source: 'none' });
  box.issued();
  t.equal(box.clock.bounded('gps', box.now + 500), true);
  t.ok(box.isRight && box.reach[1] === 500);
  t.equal(box.clock.bounded('gps', BUILT - DAY), false, 'a receiver that says last year is wrong');
  t.equal(box.moment.latest, Number.POSITIVE_INFINITY);
  t.end();
});

t.test('the floor is kept at most once a minute and outlives a power cut', (t) => {
  const box = new Box();
  box.issued();
  box.pass(10 * MINUTE);
  t.equal(box.kept, 10);
  box.powerCut(3 * DAY);
  t.ok(box.isRight);
  t.ok(box.reach[0] <= 3 * DAY + MINUTE + 1100);
  t.equal(box.moment.latest, Number.POSITIVE_INFINITY, 'no battery clock: how long it was dark is unknown');
  box.clock.close();
  t.equal(box.kept, 11, 'and once more on the way out');
  t.end();
});

t.test('a battery clock keeps the latest time over a power cut, ten seconds a day wider', (t) => {
  const box = new Box({ rtc: true });
  box.rtcOff = 7 * DAY; // what it says does not matter, only how far it goes
  box.rtcSecondsADay = -9;
  box.issued();
  box.ntp = { error: 50, off: 0 };
  box.pass(5 * MINUTE);
  box.ntp = undefined;
  box.powerCut(3 * DAY);
  t.ok(box.isRight);
  t.ok(box.reach[1] < 3 * 20_000 + MINUTE);
  box.rtcOff = -50 * YEAR;
  box.powerCut(DAY);
  t.equal(box.moment.latest, Number.POSITIVE_INFINITY, 'an empty battery: it was reset, and is not believed');
  t.ok(box.isRight);
  t.end();
});

t.test('what was kept and cannot be read is said, and the build date holds', (t) => {
  const box = new Box();
  for (const damaged of ['', '{', '{"floor":"tomorrow"}', '[]']) {
    box.words.set('clock', damaged);
    box.powerCut(0);
    t.equal(box.moment.earliest, BUILT);
    t.equal(box.events.at(-2), 'clock-unreadable');
  }
  t.end();
});

t.test('a full disk is said and the clock goes on', (t) => {
  const box = new Box();
  box.issued();
  box.journalFull = true;
  box.pass(2 * MINUTE);
  t.equal(box.events.filter((event) => event === 'clock-not-kept').length, 2);
  t.ok(box.isRight);
  t.end();
});

t.test('the interval holds the true time whatever happens in whatever order', (t) => {
  const event = fc.oneof(
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 2 * DAY }) }),
    fc.record({ do: fc.constant('drift' as const), ppm: fc.integer({ min: -99, max: 99 }) }),
    fc.record({
      do: fc.constant('ntp' as const),
      error: fc.integer({ min: 1, max: 5000 }),
      share: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
    fc.record({ do: fc.constant('lost' as const) }),
    fc.record({ do: fc.constant('issued' as const), late: fc.integer({ min: 0, max: DAY }) }),
    fc.record({ do: fc.constant('answer' as const), there: fc.nat(5000), back: fc.nat(5000) }),
    fc.record({ do: fc.constant('gps' as const), error: fc.nat(1000) }),
    fc.record({ do: fc.constant('cut' as const), ms: fc.integer({ min: 0, max: 3 * DAY }) }),
    fc.record({ do: fc.constant('rtc' as const), seconds: fc.integer({ min: -9, max: 9 }) }),
  );
  fc.assert(
    fc.property(fc.boolean(), fc.array(event, { maxLength: 30 }), (rtc, events) => {
      const box = new Box({ rtc });
      if (rtc) box.rtcOff = 0;
      for (const one of events) {
        happen(box, one);
        if (!box.isRight || box.clock.quality().faults > 0) return false;
      }
      return true;
    }),
    { numRuns: 150 },
  );
  t.end();
});

type Happening =
  | { do: 'pass' | 'cut'; ms: number }
  | { do: 'drift'; ppm: number }
  | { do: 'ntp'; error: number; share: number }
  | { do: 'lost' }
  | { do: 'issued'; late: number }
  | { do: 'answer'; there: number; back: number }
  | { do: 'gps'; error: number }
  | { do: 'rtc'; seconds: number };

function happen(box: Box, one: Happening): void {
  const second = (at: Instant): Instant => Math.floor(at / 1000) * 1000;
  switch (one.do) {
    case 'pass':
      box.pass(one.ms);
      break;
    case 'cut':
      box.powerCut(one.ms);
      break;
    case 'drift':
      box.ppm = one.ppm;
      break;
    case 'ntp':
      box.ntp = { error: one.error, off: one.error * one.share };
      break;
    case 'lost':
      box.ntp = undefined;
      break;
    case 'issued':
      box.clock.issued(second(box.now) - one.late);
      break;
    case 'answer': {
      const asked = box.clock.monotonic();
      box.pass(one.there);
      const issued = second(box.now);
      box.pass(one.back);
      box.clock.answered(issued, asked);
      break;
    }
    case 'gps':
      box.clock.bounded('gps', box.now + one.error);
      break;
    case 'rtc':
      box.rtcSecondsADay = one.seconds;
      break;
  }
}

const kernel = kernelClock();
t.test('the kernel is asked how sure it is of its clock', { skip: kernel ? false : 'needs Linux on a 64-bit processor' }, (t) => {
  const said = kernel?.() ?? { synchronised: false };
  t.type(said.synchronised, 'boolean');
  if (said.synchronised) t.ok(said.earliest <= Date.now() && Date.now() <= said.latest + 1000);
  t.equal(rtcNow('/nonexistent'), undefined);
  const clocks = boxClocks();
  t.ok(clocks.monotonic() > 0 && clocks.wall() > BUILT - 60 * YEAR);
  t.end();
});
