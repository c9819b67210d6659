/**
 * A running county: store, ingest, trust publisher and board over one broker, started together and stopped in reverse.
 *
 *   broker ─ up/+/entries → ingest → store ← orders of `ankang county …`, in this process or another
 *          ─ up/+/state   → board    └→ issue → publish → broker
 *          ─ up/+/request → services → down/+/answer       sendCommands → down/+/command
 * Orders may be given by another process on the same store: the county looks for foreign writes five times a second.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant, Log } from '../contracts.js';
import { selfTest } from '../crypto/self-test.js';
import { fastestVerifier } from '../crypto/wasm-verifier.js';
import { confirmedFilter } from '../messages/settlement.js';
import { topicOf, upFilter } from '../messages/topics.js';
import { type BoardServer, type BoardSettings, startBoard } from './board.js';
import type { SceneTitles } from './board-view.js';
import type { Broker } from './broker.js';
import type { Cashier } from './cashier.js';
import { sendCommands } from './commands.js';
import { type Embedding, embedded, loopback } from './embedded.js';
import { enrolmentOf } from './enrolling.js';
import type { EnrolmentServer } from './enrolment.js';
import type { FhirAddress } from './fhir/http.js';
import { createGateway } from './gateway-client.js';
import { permits } from './grants.js';
import { createIngest, type Ingest } from './ingest.js';
import { type CountyKeys, openKeys } from './keys.js';
import { knownTerminals } from './known-terminals.js';
import { type BrokerAddress, type Link, openLink, workerId } from './link.js';
import { issueTrust } from './manifest.js';
import { startMoney } from './money.js';
import { noticeTeller } from './notices.js';
import { openCountyStore, storePath } from './open-store.js';
import { setUp } from './orders.js';
import type { PhonesServer } from './phones/server.js';
import { type PhonesSettings, phonesOf } from './phones/start.js';
import type { Provider } from './provider.js';
import { publishTrust } from './publish.js';
import { receive } from './receive.js';
import { createRegister } from './register.js';
import { createRequests, loadServices } from './requests.js';
import { startSettling } from './settling.js';
import type { Alarm, CountyStore } from './store.js';
import { createTrustedIdentity, type TrustedIdentitySettings } from './trusted-identity.js';
import { watching } from './watch.js';

export interface CountySettings {
  /** The key folder; its county.json says where the store is. */
  readonly folder: string;
  readonly broker: { readonly embedded: { readonly port: number } } | BrokerAddress;
  /** Port of the board on the loopback; 0: any free one. Absent: no board. */
  readonly board?: { readonly port: number; readonly titles?: SceneTitles };
  /** One of several on a shared subscription (not with the embedded broker): number 0 also publishes trust, answers and commands. */
  readonly worker?: number;
  /** The provincial gateway that today's codes are resolved at (http:// or https://); absent: they are not. */
  readonly gateway?: string;
  /** The trusted-identity service; absent: nobody is confirmed by it. */
  readonly trustedIdentity?: TrustedIdentitySettings;
  /** The hospital's FHIR server that the clinic's requests go to; absent: they are answered `fault`. */
  readonly hospital?: FhirAddress;
  /** Whom bills are paid through; absent: no payments are taken. */
  readonly provider?: Provider;
  /** Where new terminals hand in their tickets, over HTTPS; `names`: hosts and addresses that they know it by. Absent: nowhere. */
  readonly enrolment?: { readonly host: string; readonly port: number; readonly names: readonly string[] };
  /** The page that phones open, on the loopback. Absent: none. */
  readonly phones?: PhonesSettings;
  readonly now: () => Instant;
  readonly log: Log;
}

export interface County {
  readonly keys: CountyKeys;
  readonly store: CountyStore;
  readonly ingest: Ingest;
  readonly cashier: Cashier;
  /** mqtt:// address of the embedded broker. */
  readonly brokerUrl: string | undefined;
  readonly boardUrl: string | undefined;
  readonly enrolPort: number | undefined;
  /** http:// address of the page for phones, without a path. */
  readonly phonesUrl: string | undefined;
  /** Issues what was ordered in this process, publishes it now or as soon as the broker is there; the newest seq. */
  publish(): Promise<number>;
  /** Called after something of the board's changed. */
  onChange(listener: () => void): () => void;
  stop(): Promise<void>;
}

/** Keys that the verifier holds tables of; with more terminals a table would be worked out again for each message. */
const PREPARED = 32;
/** A manifest is renewed so often: its age is what terminals judge their trust by. */
const REFRESH_MS = 6 * 3_600_000;

/** Does this folder hold the keys of a county? */
export const isCounty = (folder: string): boolean => existsSync(join(folder, 'county.json'));

export { storePath };

/** @throws Error when the folder holds no county, the store is damaged or the port is taken. A broker that is away is waited for. */
export async function startCounty(settings: CountySettings): Promise<County> {
  selfTest();
  const { folder, now, log, worker } = settings;
  const keys = openKeys(folder);
  const store = await openCountyStore(folder);
  await setUp(store, keys);
  const listeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  const terminals = await knownTerminals(store);
  const { region } = keys;
  const publishes = worker === undefined || worker === 0;

  let publishedSeq = 0;
  let publishing: Promise<unknown> = Promise.resolve();
  /** One after the other: two at once could take each other's versions off the broker. */
  const publishNow = (): Promise<number> => {
    const next = publishing.then(async () => (publishedSeq = await publishTrust({ store, link, region, log })));
    publishing = next.catch((error: unknown) => log.warn('trust-not-published', { error: String(error) }));
    return next;
  };
  const issue = (): Promise<unknown> => issueTrust({ store, keys, now: now(), refresh: REFRESH_MS });
  /** A clock that is wrong, or another process that was first: what was issued is still published, and entries taken. */
  const issueIfDue = (): Promise<unknown> => issue().catch((error: unknown) => log.error('trust-not-issued', { error: String(error) }));
  const raise = async (alarm: Alarm): Promise<void> => {
    await store.raise(alarm);
    changed();
  };

  const verifier = fastestVerifier('wasm', (reason) => log.warn('slow-signatures', { reason }));
  const boardSettings = { store, region, now, subscribe: (listener: () => void) => subscribe(listeners, listener), log };
  const { board, broker } = await opened(settings, { keys, terminals, log }, boardSettings).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const ingest = createIngest({
    region,
    ...(worker === undefined ? {} : { worker }),
    store,
    keyOf: (terminal) => terminals.keys.get(terminal),
    verify: (point, message, signature) => verifier.verify(point, message, signature, terminals.keys.size <= PREPARED ? 'kept' : 'once'),
    platform: keys.platform,
    now,
    acknowledge: (terminal, ack) => {
      // A lost word is said again: the terminal sends once more, or the link comes back.
      link
        .publish(topicOf({ way: 'down', region, terminal, what: 'ack' }), ack)
        .catch((error: unknown) => log.warn('ack-not-sent', { terminal, error: String(error) }));
    },
    raise,
    onKept: () => {
      register?.wake();
      changed();
    },
    log,
  });
  const services = await loadServices();
  // One worker keeps the records, as it answers.
  const register = publishes ? createRegister({ store, keys, kinds: services.keeps, log }) : undefined;
  register?.wake();
  const gateway = settings.gateway === undefined ? undefined : createGateway({ url: settings.gateway, region });
  const trustedIdentity = settings.trustedIdentity && createTrustedIdentity(settings.trustedIdentity);
  const { hospital } = settings;
  const { cashier, stop: stopMoney } = startMoney({
    store,
    keys,
    gateway,
    trustedIdentity,
    hospital,
    provider: settings.provider,
    paid: services.paid,
    rounds: publishes,
    now,
    log,
  });
  const requests = createRequests({
    store,
    keys,
    gateway,
    trustedIdentity,
    hospital,
    bills: cashier,
    cashier,
    operations: services.operations,
    terminalOf: terminals.known,
    // Asked now and then: a table for each key would not pay.
    verify: (point, message, signature) => verifier.verify(point, message, signature, 'once'),
    platform: keys.platform,
    granted: async ({ id }, operation, asks) => permits(await store.grants(id), operation, asks),
    now,
    send: (terminal, answer, id) => link.send(topicOf({ way: 'down', region, terminal, what: 'answer' }), answer, id),
    log,
  });
  const sendDue = (): Promise<void> => sendCommands({ store, link, region, platform: keys.platform, now, log });
  if (publishes) await issueIfDue();
  const entries = upFilter(region, 'entries');
  const link: Link = openLink({
    broker: 'embedded' in settings.broker ? loopback(broker, keys) : settings.broker,
    clientId: workerId(region, worker),
    away: worker === undefined ? 'kept' : 'given to others',
    filters: [
      worker === undefined ? entries : `$share/ankang-ingest/${entries}`,
      ...(publishes ? [upFilter(region, 'state'), upFilter(region, 'request'), confirmedFilter(region)] : []),
    ],
    onMessage: (topic, payload) =>
      receive({ topic, payload, ingest, requests, store, terminals, now, changed, confirmed: (...of) => settling.confirmed(...of), log }),
    onReady: () => {
      ingest.acknowledgeAll().catch((error: unknown) => log.error('ack-not-sent', { error: String(error) }));
      if (!publishes) return;
      settling.publish();
      publishNow().catch(() => undefined); // logged where it is queued
      sendDue().catch((error: unknown) => log.warn('command-not-sent', { error: String(error) }));
      notices.tell();
    },
    log,
  });

  const refresh = async (): Promise<void> => {
    await terminals.reload();
    if (publishes) await issueIfDue();
    if (publishes && link.connected) await sendDue();
    if (publishes) notices.tell();
    if (publishes && link.connected && ((await store.manifest())?.seq ?? 0) > publishedSeq) await publishNow();
    // Another worker may have taken entries in.
    register?.wake();
    changed();
  };
  const notices = noticeTeller({ store, link, region, platform: keys.platform, now, log });
  const refreshFailed = (error: unknown): void => log.error('county-refresh', { error: String(error) });
  const settling = startSettling({ store, keys, link, now, log, active: publishes });
  const watch = watching({ store, now, refresh, log });
  let enrolment: EnrolmentServer | undefined;
  let phones: PhonesServer | undefined;
  const stop = async (): Promise<void> => {
    // Words on their way to a broker that hangs are given up by the link's end; no one is waited for that waits for them.
    const speaking = [watch.stop(), settling.stop(), requests.stop(), stopMoney()];
    await board?.stop();
    await enrolment?.stop();
    await phones?.stop();
    await ingest.stop();
    await register?.idle();
    await link.end();
    await Promise.all([...speaking, notices.idle()]);
    await publishing;
    await broker?.stop();
    await store.close();
    log.info('county-stopped');
  };
  try {
    enrolment = await enrolmentOf(settings, { store, keys, now, log, published: () => void refresh().catch(refreshFailed) });
    phones = await phonesOf(settings, { store, keys, registered: notices.tell });
  } catch (error) {
    await stop();
    throw error;
  }
  log.info('county-started', { region, test: keys.test, root: Buffer.from(keys.root.kid).toString('hex') });

  return {
    keys,
    store,
    ingest,
    cashier,
    brokerUrl: broker && `mqtt://127.0.0.1:${broker.port}`,
    boardUrl: board?.url,
    enrolPort: enrolment?.port,
    phonesUrl: phones?.url,
    publish: async () => {
      await terminals.reload();
      await issue();
      if (link.connected) return publishNow();
      return (await store.manifest())?.seq ?? 0;
    },
    onChange: (listener) => subscribe(listeners, listener),
    stop,
  };
}

function subscribe(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Both ports, or neither and the reason. */
async function opened(
  settings: CountySettings,
  embedding: Embedding,
  boardSettings: Omit<BoardSettings, 'port'>,
): Promise<{ readonly board: BoardServer | undefined; readonly broker: Broker | undefined }> {
  const board = settings.board && (await startBoard({ ...boardSettings, ...settings.board }));
  try {
    return { board, broker: 'embedded' in settings.broker ? await embedded(settings.broker.embedded.port, embedding) : undefined };
  } catch (error) {
    await board?.stop();
    throw error;
  }
}
