/**
 * Builds a terminal from its configuration, starts the parts, and stops them in reverse. Nobody imports it but the commands.
 *
 *   clock, journal → trust → stations (devices, lane) → uplink → page
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Loaded } from './configuration.js';
import type { Clock, Facts, Log, Trust } from './contracts.js';
import { selfTest } from './crypto/self-test.js';
import { fastestVerifier } from './crypto/wasm-verifier.js';
import { createEnding, type Ending } from './ending.js';
import { startRenewal } from './enrol/renew.js';
import { type Journal, openJournal } from './journal/journal.js';
import { attempt } from './log.js';
import { joinMeetings } from './meeting/join.js';
import type { Page, PageParts } from './page/server.js';
import type { TerminalView } from './page/view.js';
import { seenOf } from './seen.js';
import { doorsOf, siteAtDoors, trustAtDoors } from './station/at-doors.js';
import { createCards } from './station/cards.js';
import { ageOf, agesOf, clockOf } from './station/decide.js';
import { hearing } from './station/hearing.js';
import { readKeys } from './station/keys.js';
import { loadStations } from './station/load.js';
import { loadFormats } from './station/read.js';
import { reportOf } from './station/report.js';
import { createResolver } from './station/resolve.js';
import { sealerOf } from './station/sealer.js';
import type { Station } from './station/station.js';
import { startStations } from './station/stations.js';
import { togetherWith } from './station/together.js';
import { createVenue } from './station/venue.js';
import { boxClocks, openClock, type TrustClock } from './trust/clock.js';
import { keepIn } from './trust/keep.js';
import { platformVerify } from './trust/platform-verify.js';
import { TrustFolder } from './trust/store.js';
import { openUpdates } from './trust/update.js';
import { fetchRetained } from './uplink/fetch.js';
import type { Line } from './uplink/line.js';

export const VERSION = '0.1.0';

const UPKEEP_MS = 60_000;
/** A part that the broker holds comes at once; one that does not come in this time is not there. */
const PART_MS = 5000;
/** The gate comes first: uplink and page, which take long to load, wait for the devices, but not for one that is missing. */
const DEVICES_MS = 500;

export interface TerminalParts {
  readonly loaded: Loaded;
  readonly log: Log;
  /** Routes of a host that adds its own to the page. */
  readonly mount?: NonNullable<PageParts['mount']>;
}

export interface Terminal {
  readonly journal: Journal;
  readonly stations: readonly Station[];
  readonly pagePort: number | undefined;
  view(): TerminalView;
  trust(): Trust | undefined;
  /** True while the stations are served and the journal can be written: what readiness follows from. */
  healthy(): boolean;
  /** True while the event loop turns and no lane is stuck in one reading: what the watchdog follows from. */
  works(): boolean;
  stop(): Promise<void>;
}

/** @throws ConfigurationError for what is wrong in the file, Error for a machine or a journal that cannot be used. */
export async function startTerminal(parts: TerminalParts): Promise<Terminal> {
  const ending = createEnding(parts.log);
  try {
    return await started(parts, ending);
  } catch (error) {
    // Half a terminal would go on holding gates and ports.
    await ending.end();
    throw error;
  }
}

async function started({ loaded, log, mount }: TerminalParts, ending: Ending): Promise<Terminal> {
  selfTest();
  const { configuration } = loaded;
  const clocks = boxClocks();
  const stations = await loadStations(loaded);
  const keys = readKeys(loaded);
  const enrolment = loaded.identity === 'awaited' ? undefined : loaded.identity;

  const late: { clock?: TrustClock; page?: Page; uplink?: Line; up?: () => void } = {};
  const built = statSync(import.meta.filename).mtimeMs;
  // Until its own clock is open, the journal knows only that it is not before the program was built.
  const clock: Clock = {
    now: () => late.clock?.now() ?? { earliest: built, latest: Number.POSITIVE_INFINITY },
    monotonic: () => clocks.monotonic(),
  };
  const { terminal } = configuration;
  mkdirSync(loaded.resolve(terminal.state), { recursive: true, mode: 0o700 });
  const journal = openJournal({
    file: join(loaded.resolve(terminal.state), 'journal.db'),
    terminal: terminal.id,
    clock,
    limit: configuration.journal.limitMiB * 1024 * 1024,
    keepDays: configuration.journal.keepDays,
  });
  ending.add('journal', () => journal.close());
  const keep = keepIn(journal);
  const trustClock = openClock({
    settings: configuration.clock,
    built,
    clocks,
    keep,
    log,
    lowered: ({ from, to, by }) =>
      journal.transaction((tx) => tx.append({ kind: 'clock', at: clock.now(), facts: { event: 'floor-lowered', from, to, by } })),
  });
  late.clock = trustClock;
  ending.add('clock', () => trustClock.close());

  const verifier = fastestVerifier(configuration.crypto.sm2, (reason) => log.warn('sm2-openssl', { reason }));
  const updates = await openUpdates({
    region: terminal.region,
    terminal: terminal.id,
    root: keys.root,
    leastSeq: enrolment?.leastSeq ?? 0,
    folder: new TrustFolder(join(loaded.resolve(terminal.state), 'trust')),
    keep,
    fetch: async ({ name, version, from, part }) => {
      const topic = {
        way: 'trust',
        region: terminal.region,
        what: 'part',
        name,
        version,
        part,
        ...(from !== undefined && { from }),
      } as const;
      return late.uplink && fetchRetained(late.uplink, topic, PART_MS);
    },
    ...(keys.opener && { opener: keys.opener }),
    verifier,
    clock: trustClock,
    log,
  });

  const trust = (): Trust | undefined => updates.current();
  const trusted = (): boolean => trust() !== undefined;
  const up = new Promise<void>((resolve) => (late.up = resolve));
  ending.add('trust', () => updates.close());
  // Stopped after the stations, so that their last entries may still leave.
  ending.add('uplink', () => late.uplink?.stop());

  const tellAll = (): void => {
    if (allUp()) late.up?.();
    late.page?.changed();
  };
  const sealer = sealerOf(updates);
  const formats = await loadFormats(configuration.formats);
  /** A full disk keeps nobody from being served as `whenJournalFails` says; the lanes tell that something is missing. */
  const note = (kind: string, facts: Facts): void =>
    attempt(log, 'journal-failed', () => journal.transaction((tx) => tx.append({ kind, at: clock.now(), facts })));
  note('start', { version: VERSION, node: process.version, checkpoint: terminal.checkpoint });
  const ask = () => late.uplink?.ask;
  const resolve = createResolver({ ask, clock, log });
  const cards = createCards({ region: terminal.region, regionKeys: () => updates.secrets()?.regionKeys, log });
  const site =
    configuration.site &&
    (await import('./site/join.js')).joinSite({
      ...configuration.site,
      terminal,
      folder: loaded.resolve(terminal.state),
      keep,
      journal,
      secrets: () => updates.secrets(),
      clock,
      changed: tellAll,
      log,
    });
  ending.add('site', () => site?.stop());
  const report = (days: number) => reportOf(journal, clock.now().earliest, days);
  const meetings = joinMeetings({ journal, clock, terminal, updates, sealer, others: () => site, ask, report, changed: tellAll, log });
  ending.add('meetings', () => meetings.stop());
  const doors = doorsOf(journal, meetings.register);
  const lanes = site ? togetherWith(doors, siteAtDoors(site, meetings.register)) : doors;
  const running = startStations(stations, {
    register: meetings.register,
    invite: meetings.invite,
    checkpoint: terminal.checkpoint,
    formats,
    clock,
    journal: lanes,
    deskJournal: journal,
    whenJournalFails: configuration.journal.whenFails,
    trust: () => trustAtDoors(updates.current(), meetings.register),
    sealer,
    cards,
    ...(configuration.uplink && { resolve }),
    ask,
    venueCode: createVenue({ signer: keys.signer, ...terminal, clock, drawn: () => import('./print/qr.js') }),
    terminal: terminal.id,
    pictures: () => import('./print/pictures.js'),
    draw: async (text) => (await (await import('./print/qr.js')).drawQr(text)).picture,
    changed: tellAll,
    log,
  });
  ending.add('stations', () => running.stop());
  const { allUp, healthy, works } = running;
  const healthOf = (): 'serving' | 'degraded' | 'out-of-order' => {
    if (!healthy() || !updates.current()) return 'out-of-order';
    return allUp() ? 'serving' : 'degraded';
  };
  const trustAge = (): number | null => {
    const issued = updates.current()?.issued;
    return issued === undefined ? null : ageOf(issued, clock.now());
  };
  const verify = platformVerify({ current: () => updates.current(), verifier, clock });

  await Promise.race([up, sleep(DEVICES_MS)]);
  if (configuration.uplink) {
    const { openLine } = await import('./uplink/line.js');
    const { id, region, checkpoint } = terminal;
    late.uplink = openLine({
      config: { url: configuration.uplink.url, tls: keys.tls, region, terminal: id, checkpoint },
      journal,
      signer: keys.signer,
      sealer,
      verify,
      ready: trusted,
      updates,
      time: trustClock,
      stations: running.commanded(),
      hear: hearing(meetings.register, running.desks),
      changed: () => late.page?.changed(),
      reachable: running.reachable,
      circumstances: (at) => ({ ...agesOf(updates.current(), at), ...clockOf(at) }),
      clock,
      log,
      state: () => ({ health: healthOf(), trustAge: trustAge(), alarms: running.alarms(), printers: running.printers(), version: VERSION }),
    });
    await late.uplink.start();
  }
  const renewal =
    enrolment && startRenewal({ identity: enrolment, state: loaded.resolve(terminal.state), signer: keys.signer, clock, log });
  ending.add('renewal', () => renewal?.stop());
  const view = seenOf({
    terminal,
    clock,
    journal,
    stations: running,
    site,
    online: () => late.uplink?.connected ?? false,
    trustAge,
    trusted,
    inside: () => lanes.inside(),
  });

  updates.onTrust(({ seq, issued, expires }) => {
    late.uplink?.trusted();
    note('trust', { event: 'in-force', seq, issued, expires });
    tellAll();
  });
  const upkeep = setInterval(() => {
    running.upkeep();
    late.uplink?.upkeep();
    attempt(log, 'upkeep-failed', () => meetings.upkeep());
    attempt(log, 'upkeep-failed', () => journal.upkeep(clock.now()));
  }, UPKEEP_MS).unref();
  ending.add('upkeep', () => clearInterval(upkeep));
  ending.add('page', () => late.page?.stop());
  if (configuration.page) {
    const [{ servePage }, { createProbe }] = await Promise.all([import('./page/server.js'), import('./vitals.js')]);
    const probe = createProbe({
      stations: running.counted,
      journal,
      inside: () => lanes.inside(),
      site,
      renewal,
      clock: trustClock,
      trust,
      uplink: () => late.uplink,
      works,
      healthy,
    });
    const act: PageParts['act'] = (station, action) => running.desks.find(({ id }) => id === station)?.desk.act(action);
    late.page = await servePage({ port: configuration.page.port, view, act, probe, staff: meetings.page, ...(mount && { mount }) });
  }
  log.info('serving', { stations: running.counted().map(({ id }) => id), page: late.page?.port, trustSeq: updates.current()?.seq });

  return {
    journal,
    stations: running.lanes,
    pagePort: late.page?.port,
    view,
    trust,
    healthy,
    works,
    stop: () => ending.end(),
  };
}
