/**
 * Builds a terminal from its configuration, starts the parts, and stops them in reverse. Nobody imports it but the commands.
 *
 *   clock, journal → trust → stations (devices, lane) → uplink → page
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, type Loaded } from './configuration.js';
import type { Clock, Log, Trust } from './contracts.js';
import { createOpener, createSealer, type Sealer } from './crypto/seal.js';
import { selfTest } from './crypto/self-test.js';
import { kidOfPoint, pointOfSpki, privateKey } from './crypto/sm2.js';
import { fastestVerifier } from './crypto/wasm-verifier.js';
import { type Journal, openJournal } from './journal/journal.js';
import type { Verify } from './messages/signed.js';
import { isTestRoot } from './messages/test-root.js';
import type { Page, PageParts } from './page/server.js';
import type { TerminalView } from './page/view.js';
import { stationView } from './page/views.js';
import { loadFormats } from './station/read.js';
import { type LoadedStation, loadStation, type Station, startStation } from './station/station.js';
import { boxClocks, type Clocks, openClock, type TrustClock } from './trust/clock.js';
import type { Keep } from './trust/keep.js';
import { TrustFolder } from './trust/store.js';
import { openUpdates, type Updates } from './trust/update.js';
import { fetchRetained } from './uplink/fetch.js';
import { createUplink, type Uplink } from './uplink/uplink.js';

export const VERSION = '0.1.0';

const UPKEEP_MS = 60_000;
/** A part that the broker holds comes at once; one that does not come in this time is not there. */
const PART_MS = 5000;
/** The gate comes first: uplink and page, which take long to load, wait for the devices, but not for one that is missing. */
const DEVICES_MS = 500;

export interface TerminalParts {
  readonly loaded: Loaded;
  readonly log: Log;
  /** The clocks of the box, unless a program hands in others. */
  readonly clocks?: Clocks;
  /** Routes of a host that adds its own to the page. */
  readonly mount?: NonNullable<PageParts['mount']>;
  readonly changed?: () => void;
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
export async function startTerminal({ loaded, log, clocks = boxClocks(), mount, changed = () => undefined }: TerminalParts): Promise<Terminal> {
  selfTest();
  const { configuration } = loaded;
  const stations = await loadStations(loaded);
  const keys = readKeys(loaded);

  const late: { clock?: TrustClock; page?: Page; uplink?: Uplink; up?: () => void } = {};
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
  const keep: Keep = {
    kept: (name) => journal.kept(name)?.toString(),
    keep: (name, value) => journal.transaction((tx) => tx.keep(name, value)),
  };
  const trustClock = openClock({
    settings: configuration.clock,
    built,
    clocks,
    keep,
    log,
    lowered: ({ from, to, by }) => journal.transaction((tx) => tx.append({ kind: 'clock', at: clock.now(), facts: { event: 'floor-lowered', from, to, by } })),
  });
  late.clock = trustClock;

  const verifier = fastestVerifier(configuration.crypto.sm2, (reason) => log.warn('sm2-openssl', { reason }));
  const updates = await openUpdates({
    region: terminal.region,
    terminal: terminal.id,
    root: keys.root,
    leastSeq: 0,
    folder: new TrustFolder(join(loaded.resolve(terminal.state), 'trust')),
    keep,
    fetch: ({ name, version, from, part }) =>
      late.uplink ? fetchRetained(late.uplink, { way: 'trust', region: terminal.region, what: 'part', name, version, part, ...(from !== undefined && { from }) }, PART_MS) : Promise.resolve(undefined),
    ...(keys.opener && { opener: keys.opener }),
    verifier,
    clock: trustClock,
    log,
  });

  const up = new Promise<void>((resolve) => (late.up = resolve));
  const tellAll = (): void => {
    if (allUp()) late.up?.();
    late.page?.changed();
    changed();
  };
  const sealer = sealerOf(updates);
  const formats = await loadFormats();
  journal.transaction((tx) => tx.append({ kind: 'start', at: clock.now(), facts: { version: VERSION, node: process.version, checkpoint: terminal.checkpoint } }));
  const running = stations.map((station) =>
    startStation(station, {
      checkpoint: terminal.checkpoint,
      formats,
      clock,
      journal,
      whenJournalFails: configuration.journal.whenFails,
      trust: () => updates.current(),
      sealer,
      stop: () => undefined,
      changed: tellAll,
      log,
    }),
  );
  const allUp = (): boolean => running.every((station) => station.devices().every(({ state }) => state === 'up'));
  const healthy = (): boolean => !running.some((station) => station.lane.state().journalFailed);
  const healthOf = (): 'serving' | 'degraded' | 'out-of-order' => {
    if (!healthy() || !updates.current()) return 'out-of-order';
    return allUp() ? 'serving' : 'degraded';
  };
  const trustAge = (): number | null => {
    const { latest } = clock.now();
    const issued = updates.current()?.issued;
    return issued === undefined || !Number.isFinite(latest) ? null : Math.max(0, Math.round((latest - issued) / 1000));
  };
  const verify: Verify = (kid, typ, message, signature) => {
    const key = updates.current()?.keys.signer(kid);
    return key !== undefined && key.types.includes(typ) && key.revokedAt > clock.now().earliest && verifier.verify(key.point, message, signature, 'kept');
  };
  const failed = (what: string) => (error: unknown) => log.error('trust-offer-failed', { what, error: String(error) });

  await Promise.race([up, sleep(DEVICES_MS)]);

  if (configuration.uplink) {
    const { url, ca, cert, key } = configuration.uplink;
    const pem = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : readFileSync(loaded.resolve(path)));
    late.uplink = createUplink({
      config: { url, tls: { ca: pem(ca), cert: pem(cert), key: pem(key) }, region: terminal.region, terminal: terminal.id, checkpoint: terminal.checkpoint },
      journal,
      signer: keys.signer,
      verify,
      heard: (issued) => trustClock.issued(issued * 1000),
      clock,
      log,
      state: () => ({ health: healthOf(), trustAge: trustAge(), alarms: [], version: VERSION }),
    });
    late.uplink.subscribe({ way: 'trust', region: terminal.region, what: 'manifest' }, (bytes) => void updates.offer(bytes).catch(failed('manifest')));
    late.uplink.subscribe({ way: 'down', region: terminal.region, terminal: terminal.id, what: 'secrets' }, (bytes) => void updates.offerSecrets(bytes).catch(failed('secrets')));
    await late.uplink.start();
  }
  const view = (): TerminalView => {
    const { entries, hours } = journal.backlog(clock.now());
    return {
      terminal: terminal.id,
      checkpoint: terminal.checkpoint,
      online: late.uplink?.connected ?? false,
      trustAge: trustAge(),
      clock: Number.isFinite(clock.now().latest) ? 'known' : 'unsure',
      backlog: { entries, hours },
      stations: running.map((station) => viewOf(station, journal.inside())),
    };
  };

  updates.onTrust((trust) => {
    const facts = { event: 'in-force', seq: trust.seq, issued: trust.issued, expires: trust.expires };
    journal.transaction((tx) => tx.append({ kind: 'trust', at: clock.now(), facts }));
    tellAll();
  });
  const upkeep = setInterval(() => keepUp(journal, clock, log), UPKEEP_MS).unref();
  if (configuration.page) late.page = await (await import('./page/server.js')).servePage({ port: configuration.page.port, view, ...(mount && { mount }) });
  log.info('serving', { stations: running.map(({ id }) => id), page: late.page?.port, trustSeq: updates.current()?.seq });

  return {
    journal,
    stations: running,
    pagePort: late.page?.port,
    view,
    trust: () => updates.current(),
    healthy,
    works: () => running.every((station) => !station.lane.isStuck()),
    async stop() {
      clearInterval(upkeep);
      await late.page?.stop();
      await Promise.all(running.map((station) => station.stop()));
      await late.uplink?.stop();
      await updates.close();
      trustClock.close();
      journal.close();
    },
  };
}

/** All that can be said of a configuration without opening anything. @throws ConfigurationError */
export async function checkStations(loaded: Loaded): Promise<void> {
  await loadStations(loaded);
  readKeys(loaded);
}

/** @throws ConfigurationError with the faults of all stations */
async function loadStations({ configuration, fault }: Loaded): Promise<readonly LoadedStation[]> {
  const faults: string[] = [];
  const loaded = await Promise.all(
    configuration.stations.map((station, i) =>
      loadStation(station, ['stations', i], fault).catch((error: unknown) => {
        if (!(error instanceof ConfigurationError)) throw error;
        faults.push(...error.faults);
        return undefined;
      }),
    ),
  );
  if (faults.length > 0) throw new ConfigurationError(faults);
  return loaded.filter((station) => station !== undefined);
}

function readKeys({ configuration, resolve, fault }: Loaded) {
  const read = <T>(name: 'root' | 'sign' | 'open', use: (bytes: Buffer) => T): T => {
    const path = resolve(configuration.keys[name] ?? '');
    try {
      return use(readFileSync(path));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigurationError([fault(['keys', name], `密钥不可用 ${path}`, `the key cannot be used: ${reason}`)]);
    }
  };
  const root = read('root', (bytes) => {
    const point = pointOfSpki(bytes);
    if (!point) throw new Error('not the SubjectPublicKeyInfo (DER) of an SM2 key');
    return point;
  });
  if (configuration.terminal.mode === 'production' && isTestRoot(kidOfPoint(root))) {
    throw new ConfigurationError([fault(['keys', 'root'], '正式模式拒绝测试根密钥', 'production mode refuses a TEST root')]);
  }
  const sign = read('sign', privateKey);
  const open = configuration.keys.open === undefined ? undefined : read('open', privateKey);
  return {
    root,
    signer: { kid: kidOfPoint(sign.public.point), sign: sign.sign },
    opener: open && createOpener(open.scalar(), kidOfPoint(open.public.point)),
  };
}

/** One sealer as long as the platform's sealing key stays. */
function sealerOf(updates: Updates): () => Sealer | undefined {
  let made: { readonly point: Uint8Array; readonly sealer: Sealer } | undefined;
  const forTrust = (trust: Trust | undefined): Sealer | undefined => {
    const key = trust?.sealTo;
    if (!key) return undefined;
    if (made?.point !== key.point) made = { point: key.point, sealer: createSealer(key.point, key.kid) };
    return made.sealer;
  };
  forTrust(updates.current());
  updates.onTrust(forTrust);
  return () => forTrust(updates.current());
}

function viewOf(station: Station, inside: number): TerminalView['stations'][number] {
  const { mode, shown, journalFailed } = station.lane.state();
  const gateDown = station.devices().some(({ role, state }) => role === 'gate' && state !== 'up');
  const verdict = shown?.decision.verdict;
  return stationView({
    id: station.id,
    scene: station.scene,
    mode,
    reading: station.reading(),
    journalFailed,
    gate: !station.cycle ? 'none' : gateDown ? 'down' : station.cycle.state(),
    inside: station.cycle ? inside : null,
    result: !verdict
      ? undefined
      : verdict.admit
        ? { admit: true, direction: shown?.direction ?? 'in', note: verdict.note }
        : { admit: false, refusal: verdict.refusal, note: verdict.note },
  });
}

function keepUp(journal: Journal, clock: Clock, log: Log): void {
  try {
    journal.upkeep(clock.now());
  } catch (error) {
    log.error('upkeep-failed', { error: error instanceof Error ? error.message : String(error) });
  }
}
