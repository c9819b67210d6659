/**
 * Asks the platform and waits (wire.md 6): one signed request out, the one answer that fits it back. What fits nothing is counted by
 * name and dropped. Nothing is queued: who asks while the line is down is told so at once.
 */
import { randomBytes } from 'node:crypto';
import type { Clock, Log } from '../contracts.js';
import { type Cbor, sameBytes } from '../crypto/cbor.js';
import { createOpener, type Opener, type Sealer } from '../crypto/seal.js';
import { generateKey } from '../crypto/sm2.js';
import { openBody, readAnswer, replyKid, type Answer as Signed, type Status } from '../messages/answer.js';
import { makeRequest } from '../messages/request.js';
import type { Signer, Verify } from '../messages/signed.js';
import { topicOf } from '../messages/topics.js';
import { powerOfTwo } from './flood.js';
import type { Broker } from './mqtt.js';

export interface Answer {
  readonly status: Status;
  /** null: nothing to say. */
  readonly body: Cbor;
  /** Unix seconds, the platform's clock. */
  readonly issued: number;
}

export interface AskOptions {
  /** The answer is waited for so long. */
  readonly deadlineMs: number;
  /** Question and answer name a person: the one is sealed to the platform, the other to a key made for this request alone. */
  readonly sealed?: true;
}

/** @throws RequestError */
export type Ask = (operation: string, body: Cbor, options: AskOptions) => Promise<Answer>;

/** `offline`: nothing was sent; `crowded`: too many wait already; `undelivered`: the broker refused it; `timeout`; `closed`: the program ends. */
export type RequestFault = 'offline' | 'crowded' | 'undelivered' | 'timeout' | 'closed';

export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestFault;

  constructor(code: RequestFault, message: string = code) {
    super(message);
    this.code = code;
  }
}

/**
 * `forged`: not of the platform; `foreign`: another terminal's; `unasked`: to no request of ours; `mismatch`: of our id, but to another
 * request; `replayed`: answered already; `late`: nobody waits any more; `early`: from the future; `unopened`: sealed, but not for us.
 */
export type AnswerOutcome = 'taken' | 'forged' | 'foreign' | 'unasked' | 'mismatch' | 'replayed' | 'late' | 'early' | 'unopened';

export interface RequestsSettings {
  readonly region: string;
  readonly terminal: string;
  readonly broker: Pick<Broker, 'connected' | 'publish'>;
  readonly signer: Signer;
  /** Seals to the platform what names a person; undefined: its key is not known, and nothing of that kind is asked. Absent: nothing is sealed. */
  readonly sealer?: (() => Sealer | undefined) | undefined;
  readonly verify: Verify;
  /** The answer to what was sent at monotonic `asked` was issued then (Unix seconds): that bounds the time on both sides. */
  readonly answered?: ((issued: number, asked: number) => void) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Requests {
  readonly counts: Readonly<Record<AnswerOutcome, number>>;
  readonly open: number;
  ask: Ask;
  /** Bytes of `down/<terminal>/answer`. */
  take(bytes: Uint8Array): void;
  close(): void;
}

const MOST_OPEN = 32;
/** Ended requests that are remembered, so that a second or a late answer is called by its name. */
const REMEMBERED = 256;
/** wire.md 2: so far may other clocks be ahead of ours (ms). */
const SKEW = 60_000;

interface Open {
  readonly digest: Uint8Array;
  readonly opener: Opener | undefined;
  /** Monotonic. */
  readonly asked: number;
  readonly until: number;
  settle(outcome: Answer | RequestError): void;
}

export function createRequests(settings: RequestsSettings): Requests {
  const { region, terminal, broker, clock, log } = settings;
  const topic = topicOf({ way: 'up', region, terminal, what: 'request' });
  const counts: Record<AnswerOutcome, number> = {
    taken: 0,
    forged: 0,
    foreign: 0,
    unasked: 0,
    mismatch: 0,
    replayed: 0,
    late: 0,
    early: 0,
    unopened: 0,
  };
  const open = new Map<string, Open>();
  const ended = new Map<string, 'replayed' | 'late'>();
  let closed = false;

  const end = (id: string, as: 'replayed' | 'late', outcome: Answer | RequestError): void => {
    const request = open.get(id);
    open.delete(id);
    ended.set(id, as);
    for (const oldest of ended.keys()) {
      if (ended.size <= REMEMBERED) break;
      ended.delete(oldest);
    }
    request?.settle(outcome);
  };

  const ask: Ask = (operation, body, { deadlineMs, sealed }) => {
    if (closed) return Promise.reject(new RequestError('closed'));
    if (!broker.connected) return Promise.reject(new RequestError('offline'));
    if (open.size >= MOST_OPEN) return Promise.reject(new RequestError('crowded', `${MOST_OPEN} requests wait for their answers`));
    const sealer = sealed && settings.sealer?.();
    if (sealed && settings.sealer && !sealer) return Promise.reject(new RequestError('offline', 'no key of the platform to seal it to'));
    const id = randomBytes(16);
    const name = id.toString('hex');
    const reply = sealed ? newReplyKey() : undefined;
    const deadline = Math.ceil((nowAtMost(clock) + deadlineMs) / 1000);
    const { bytes, digest } = makeRequest({ terminal, id, operation, deadline, body, replyKey: reply?.point }, settings.signer, sealer);
    const asked = clock.monotonic();
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(
        () => end(name, 'late', new RequestError('timeout', `${operation}: no answer in ${deadlineMs} ms`)),
        deadlineMs,
      );
      open.set(name, {
        digest,
        opener: reply?.opener,
        asked,
        until: asked + deadlineMs,
        settle(outcome) {
          clearTimeout(timer);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      });
      broker.publish({ topic, payload: bytes, correlation: id }, (error) => {
        if (error) end(name, 'late', new RequestError('undelivered', error.message));
      });
    });
  };

  const outcomeOf = (bytes: Uint8Array): AnswerOutcome => {
    const answer = readAnswer(bytes, settings.verify);
    if (!answer) return 'forged';
    if (answer.terminal !== terminal) return 'foreign';
    const name = Buffer.from(answer.id).toString('hex');
    const request = open.get(name);
    if (!request) return ended.get(name) ?? 'unasked';
    return accept(name, request, answer);
  };

  const accept = (name: string, request: Open, answer: Signed): AnswerOutcome => {
    if (!sameBytes(request.digest, answer.digest)) return 'mismatch';
    if (answer.issued * 1000 > clock.now().latest + SKEW) return 'early';
    // The timer may be behind a blocked event loop.
    if (clock.monotonic() > request.until) return 'late';
    const body = request.opener ? openBody(answer, request.opener) : answer.body;
    if (body === undefined) return 'unopened';
    settings.answered?.(answer.issued, request.asked);
    end(name, 'replayed', { status: answer.status, body, issued: answer.issued });
    return 'taken';
  };

  return {
    counts,
    get open() {
      return open.size;
    },
    ask,
    take(bytes) {
      const outcome = outcomeOf(bytes);
      const times = ++counts[outcome];
      if (outcome !== 'taken' && powerOfTwo(times)) log.warn('answer-dropped', { outcome, times });
    },
    close() {
      closed = true;
      for (const name of open.keys()) end(name, 'late', new RequestError('closed'));
    },
  };
}

function newReplyKey(): { readonly point: Uint8Array; readonly opener: Opener } {
  const key = generateKey();
  const point = Buffer.concat([Uint8Array.of(4), key.public.point]);
  return { point, opener: createOpener(key.scalar(), replyKid(point)) };
}

/** Without an idea of the time the platform may call it `late`; its answer then tells the time. */
function nowAtMost(clock: Clock): number {
  const { earliest, latest } = clock.now();
  return Number.isFinite(latest) ? latest : earliest;
}
