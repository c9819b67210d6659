/**
 * Puts what was issued on the broker, all of it retained: first the lists and data in parts, then each terminal's secrets,
 * then the manifest that names them; last it takes off versions that no terminal asks for any more.
 */
import type { Log } from '../contracts.js';
import { PART, partsOf } from '../messages/status-list.js';
import { topicOf } from '../messages/topics.js';
import type { Link } from './link.js';
import type { PublishedDatum, SentDatum, TerminalStore, TrustStore } from './store.js';

export interface Publishing {
  readonly store: TrustStore & TerminalStore;
  readonly link: Pick<Link, 'publish'>;
  readonly region: string;
  readonly log: Log;
}

/** Messages under way to the broker. */
const WINDOW = 32;
const NOTHING = new Uint8Array(0);

interface Part {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Publishes the newest issue whole, whether or not it was before: a broker may have lost it. The manifest's seq. */
export async function publishTrust({ store, link, region, log }: Publishing): Promise<number> {
  const manifest = await store.manifest();
  if (!manifest) return 0;
  const data = await store.latestData();
  const sent = await store.sent();
  for (const datum of data) {
    await send(link, partsOfDatum(region, datum));
    await store.noteSent(sentOf(datum));
  }
  await send(link, await secretParts(store, region));
  await link.publish(topicOf({ way: 'trust', region, what: 'manifest' }), manifest.bytes);
  for (const old of outdated(sent, data)) {
    await send(
      link,
      topicsOf(region, old).map((topic) => ({ topic, payload: NOTHING })),
    );
    await store.forgetSent(old);
  }
  log.info('trust-published', { seq: manifest.seq, data: data.length });
  return manifest.seq;
}

async function send(link: Pick<Link, 'publish'>, parts: readonly Part[]): Promise<void> {
  for (let at = 0; at < parts.length; at += WINDOW) {
    await Promise.all(parts.slice(at, at + WINDOW).map(({ topic, payload }) => link.publish(topic, payload)));
  }
}

function partsOfDatum(region: string, { name, version, bytes, from, delta }: PublishedDatum): readonly Part[] {
  const whole = cut(bytes).map((payload, part) => ({
    topic: topicOf({ way: 'trust', region, what: 'part', name, version, part }),
    payload,
  }));
  if (from === null || delta === null) return whole;
  return [
    ...whole,
    ...cut(delta).map((payload, part) => ({ topic: topicOf({ way: 'trust', region, what: 'part', name, version, from, part }), payload })),
  ];
}

function cut(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: partsOf(bytes.length) }, (_, part) => bytes.subarray(part * PART, (part + 1) * PART));
}

function sentOf({ name, version, bytes, from, delta }: PublishedDatum): SentDatum {
  return { name, version, parts: partsOf(bytes.length), from, deltaParts: delta === null ? 0 : partsOf(delta.length) };
}

function topicsOf(region: string, { name, version, parts, from, deltaParts }: SentDatum): readonly string[] {
  const trust = { way: 'trust', region, what: 'part', name, version } as const;
  const whole = Array.from({ length: parts }, (_, part) => topicOf({ ...trust, part }));
  return from === null ? whole : [...whole, ...Array.from({ length: deltaParts }, (_, part) => topicOf({ ...trust, from, part }))];
}

/** The version before the newest stays for terminals that are half-way through it. */
function outdated(sent: readonly SentDatum[], data: readonly PublishedDatum[]): readonly SentDatum[] {
  const newest = new Map(data.map(({ name, version }) => [name, version]));
  return sent.filter(({ name, version }) => version < (newest.get(name) ?? Number.POSITIVE_INFINITY) - 1);
}

/** A struck terminal's secrets are taken off the broker. */
async function secretParts(store: TrustStore & TerminalStore, region: string): Promise<readonly Part[]> {
  const struck = new Set((await store.terminals()).filter((terminal) => terminal.struck).map(({ id }) => id));
  const topic = (terminal: string): string => topicOf({ way: 'down', region, terminal, what: 'secrets' });
  return (await store.secrets()).map(({ terminal, bytes }) => ({
    topic: topic(terminal),
    payload: struck.has(terminal) ? NOTHING : bytes,
  }));
}
