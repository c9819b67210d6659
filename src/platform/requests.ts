/**
 * Answers what terminals ask (wire.md 6):
 *
 *   up/<terminal>/request → signature, deadline → done before? → service → kept → ak/answer, signed, sealed to the reply key
 *
 * The effect of an id happens once: a repeat is given the first result, whoever repeats it, sealed anew.
 */
import { readdirSync } from 'node:fs';
import type { Instant, Log } from '../contracts.js';
import { type Cbor, decodeCbor, encodeCbor, sameBytes } from '../crypto/cbor.js';
import { createOpener } from '../crypto/seal.js';
import { decodePoint } from '../crypto/sm2.js';
import { makeAnswer, type Status } from '../messages/answer.js';
import { effectOf, type ReadRequest, readRequest } from '../messages/request.js';
import type { Signer } from '../messages/signed.js';
import { noteRefused } from './audit.js';
import type { Asks } from './grants.js';
import type { TerminalKey, VerifySm2 } from './ingest.js';
import type { County, Operation, Service } from './services/_service.js';
import type { Terminal } from './store.js';

/** By `service/operation`. */
export type Operations = ReadonlyMap<string, Operation>;

export interface RequestsParts extends County {
  readonly operations: Operations;
  /** A terminal in good standing. */
  readonly terminalOf: (id: string) => { readonly terminal: Terminal; readonly key: TerminalKey } | undefined;
  readonly verify: VerifySm2;
  readonly platform: Signer;
  /** May this terminal ask this, for that? */
  readonly granted: (terminal: Terminal, operation: string, asks: Asks) => Promise<boolean>;
  readonly now: () => Instant;
  /** Puts an `ak/answer` on down/<terminal>/answer, not retained. */
  readonly send: (terminal: string, answer: Uint8Array, id: Uint8Array) => Promise<void>;
  readonly log: Log;
}

export interface Requests {
  /** Returns at once; never throws. */
  take(terminal: string, payload: Uint8Array): void;
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Worked on at the same time, of all terminals and of one; who comes when they are all busy is told `fault`. */
const MOST_AT_ONCE = 256;
const MOST_OF_ONE = 32;
/** With repeats that wait for the first; more are dropped and may be asked again. */
const MOST_WAITING = 1024;
/** A deadline further away (s) is refused: a recorded request must be past its time before its result is forgotten. */
const FURTHEST = 600;
const KEPT_MS = 7 * 86_400_000;

const NOTHING_MORE: Asks = { scene: undefined, fields: [] };

const FOLDER = new URL('services/', import.meta.url);

export interface Services {
  readonly operations: Operations;
  /** Kinds of entries that they want records of. */
  readonly keeps: ReadonlySet<string>;
  /** By name: who wants to know of bills that were paid. */
  readonly paid: ReadonlyMap<string, NonNullable<Service['paid']>>;
}

/** Every file of services/ is a service. */
export async function loadServices(): Promise<Services> {
  const names = readdirSync(FOLDER).flatMap((file) => /^([a-z][a-z0-9-]*)\.js$/.exec(file)?.[1] ?? []);
  const services = await Promise.all(
    names.map(async (name) => ({ name, service: ((await import(new URL(`${name}.js`, FOLDER).href)) as { default: Service }).default })),
  );
  const operations = services.flatMap(({ name, service }) =>
    Object.entries(service.operations).map(([word, operation]) => [`${name}/${word}`, operation] as const),
  );
  return {
    operations: new Map(operations),
    keeps: new Set(services.flatMap(({ service }) => service.keeps ?? [])),
    paid: new Map(services.flatMap(({ name, service }) => (service.paid ? [[name, service.paid.bind(service)] as const] : []))),
  };
}

interface Result {
  readonly status: Status;
  readonly body: Cbor;
}

export function createRequests(parts: RequestsParts): Requests {
  const { store, log, now } = parts;
  /** By terminal and id: a repeat that comes while the first is worked on waits for it. */
  const working = new Map<string, { readonly effect: Uint8Array; readonly result: Promise<Result> }>();
  const jobs = new Set<Promise<void>>();
  const opener = createOpener(parts.keys.seal.d, parts.keys.seal.kid);
  const stopping = new AbortController();

  const reject = async (terminal: string, reason: string): Promise<void> => {
    log.warn('request-rejected', { terminal, reason });
    await store.noteRejected([{ terminal, reason: `request-${reason}`, count: 1 }], now());
  };

  const work = async (from: string, payload: Uint8Array): Promise<void> => {
    const known = parts.terminalOf(from);
    // Names of strangers are not kept: anybody could fill the table with them.
    if (!known) return reject('', 'foreign');
    const request = readRequest(
      payload,
      (kid, _typ, message, signature) => sameBytes(kid, known.key.kid) && parts.verify(known.key.point, message, signature),
      opener,
    );
    if (typeof request === 'string') return reject(from, request);
    if (request.terminal !== from) return reject(from, 'foreign');
    if (request.replyKey && !decodePoint(request.replyKey)) return reject(from, 'unreadable');
    const { status, body } = await resultOf(known.terminal, request);
    const issued = Math.floor(now() / 1000);
    const answer = makeAnswer(
      { terminal: from, id: request.id, digest: request.digest, status, body, issued },
      parts.platform,
      request.replyKey,
    );
    await parts.send(from, answer, request.id);
  };

  const resultOf = async (terminal: Terminal, request: ReadRequest): Promise<Result> => {
    const at = now() / 1000;
    if (request.deadline <= at) return { status: 'late', body: null };
    if (request.deadline > at + FURTHEST) return { status: 'refused', body: null };
    const name = `${terminal.id}/${Buffer.from(request.id).toString('hex')}`;
    const effect = effectOf(request);
    const running = working.get(name);
    if (running) return sameBytes(running.effect, effect) ? running.result : { status: 'conflict', body: null };
    const ofOne = [...working.keys()].filter((key) => key.startsWith(`${terminal.id}/`)).length;
    if (working.size >= MOST_AT_ONCE || ofOne >= MOST_OF_ONE) return { status: 'fault', body: null };
    const result = once(terminal, request, effect).finally(() => working.delete(name));
    working.set(name, { effect, result });
    return result;
  };

  /** What was done for this id before, or does it now and keeps it. A fault is not kept: it may be asked again. */
  const once = async (terminal: Terminal, request: ReadRequest, effect: Uint8Array): Promise<Result> => {
    const before = await store.answer(terminal.id, request.id);
    if (before && !sameBytes(before.effect, effect)) return { status: 'conflict', body: null };
    if (before) return { status: before.status, body: decodeCbor(before.body) ?? null };
    const result = await carriedOut(terminal, request);
    if (result.status === 'fault') return result;
    const kept = { terminal: terminal.id, id: request.id, effect, status: result.status, body: encodeCbor(result.body) };
    await store.keepAnswer(kept, { at: now(), before: now() - KEPT_MS });
    return result;
  };

  const carriedOut = async (terminal: Terminal, { operation: name, id, body, deadline }: ReadRequest): Promise<Result> => {
    const operation = parts.operations.get(name);
    if (!operation) return { status: 'unknown', body: null };
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(Math.max(1, Math.ceil(deadline * 1000 - now())))]);
    const { keys, gateway, trustedIdentity, hospital, bills, cashier } = parts;
    try {
      const asks = operation.asks?.(body) ?? NOTHING_MORE;
      if (!(await parts.granted(terminal, name, asks))) return await ungranted(terminal.id, name, asks);
      const outcome = await operation.handle(body, {
        terminal,
        id,
        now: now(),
        signal,
        store,
        keys,
        gateway,
        trustedIdentity,
        hospital,
        bills,
        cashier,
      });
      return { status: outcome.status, body: outcome.body ?? null };
    } catch (error) {
      log.error('request-failed', {
        operation: name,
        terminal: terminal.id,
        error: error instanceof Error ? error.message : String(error),
      });
      return { status: 'fault', body: null };
    }
  };

  const ungranted = async (terminal: string, operation: string, asks: Asks): Promise<Result> => {
    log.warn('request-ungranted', { terminal, operation });
    await noteRefused(store, { terminal, operation, asks, now: now() });
    await store.noteRejected([{ terminal, reason: 'request-ungranted', count: 1 }], now());
    return { status: 'refused', body: null };
  };

  const idle = async (): Promise<void> => {
    while (jobs.size > 0) await Promise.all(jobs);
  };
  return {
    take(terminal, payload) {
      if (stopping.signal.aborted) return;
      if (jobs.size >= MOST_WAITING) return log.warn('request-dropped', { terminal });
      const job = work(terminal, payload)
        .catch((error: unknown) => log.error('request-not-answered', { terminal, error: String(error) }))
        .finally(() => jobs.delete(job));
      jobs.add(job);
    },
    idle,
    async stop() {
      stopping.abort();
      await idle();
    },
  };
}
