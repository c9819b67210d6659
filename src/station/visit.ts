/**
 * One conversation with one person. The scene's function waits on one prompt at a time; whatever ends the visit rejects what it
 * waits for, so that it unwinds and lets go of all it knew.
 */
import { randomUUID } from 'node:crypto';
import type {
  Clock,
  Desk,
  DeskScene,
  Json,
  Kind,
  Lists,
  Log,
  Medium,
  Presented,
  Prompt,
  Reading,
  Submission,
  Trust,
  Turned,
} from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { type Answered, answered } from './prompt.js';

/** How a visit ended: `done` by itself; `left` by the person; `idle`: nobody touched anything; `stopped` by staff or the program; `failed`: a fault. */
export type VisitEnd = 'done' | 'left' | 'idle' | 'stopped' | 'failed';

/** What the scene's function is rejected with when the visit is over before it is. */
export class VisitEnded extends Error {
  override readonly name = 'VisitEnded';
  readonly end: VisitEnd;
  constructor(end: VisitEnd) {
    super(`the visit is over: ${end}`);
    this.end = end;
  }
}

/** The bytes that proved who somebody is; they never reach a scene. */
export interface Proof {
  /** The pseudonym: 22 characters of base64url for a person. */
  readonly subject: string;
  readonly medium: Medium;
  readonly bytes: Uint8Array;
}

export type Identified = { readonly presented: Presented; readonly proof: Proof } | { readonly turned: Turned };

export interface VisitParts {
  readonly name: string;
  readonly scene: DeskScene;
  /** Already checked by the scene's own schema. */
  readonly settings: unknown;
  readonly clock: Clock;
  readonly log: Log;
  trust(): Trust | undefined;
  /** Judges a reading and writes the verdict. Never rejects. */
  identify(reading: Reading, kinds: readonly Kind[]): Promise<Identified>;
  /** Writes it; the number for the slip. @throws when nothing can be written */
  submit(submission: Omit<Submission, 'of'>, proof: Proof | undefined): string;
  readonly ask: Desk['ask'];
  readonly venueCode: Desk['venueCode'];
  readonly kept: Desk['kept'];
  readonly keep: Desk['keep'];
  readonly today: Desk['today'];
  changed(): void;
}

export interface Visit {
  readonly id: string;
  readonly scene: string;
  /** Of the prompt that stands: an answer to an earlier one is not taken. */
  readonly step: number;
  readonly prompt: Prompt;
  /** What was wrong with what was typed last. */
  readonly faults: Extract<Answered, { faults: unknown }>['faults'];
  readonly over: Promise<VisitEnd>;
  /** False: not an answer to what is asked now. */
  answer(step: number, said: Json): boolean;
  /** False: no code or card is asked for now. */
  read(reading: Reading): boolean;
  end(end: VisitEnd): void;
}

type Value = string | boolean | Readonly<Record<string, string>> | undefined;

interface Waiting {
  readonly prompt: Prompt;
  readonly read?: (reading: Reading) => void;
  settle(value: Value): void;
}

const BUSY: Waiting = { prompt: { kind: 'busy' }, settle: () => undefined };
/** A bar code that is scanned as text. */
const LONGEST_SCAN = 200;

/** `first`: what was held up before a scene was chosen; it answers the first question who it is. */
export function startVisit(parts: VisitParts, first: Reading | undefined): Visit {
  const { scene, log } = parts;
  const ending = new AbortController();
  const proofs = new WeakMap<Presented, Proof>();
  let waiting: Waiting = BUSY;
  let step = 0;
  let faults: Visit['faults'] = {};
  let early = first;

  const stand = (next: Waiting): void => {
    waiting = next;
    faults = {};
    step++;
    parts.changed();
  };

  /** Rejects when the visit ends before it is answered; meanwhile a work of ours counts as the answer. */
  const until = <T>(begin: (settle: (value: T) => void, fail: (error: Error) => void) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const { signal } = ending;
      if (signal.aborted) return reject(signal.reason as Error);
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      const settled = (): void => signal.removeEventListener('abort', stop);
      begin(
        (value) => {
          settled();
          resolve(value);
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });

  const put = (prompt: Prompt, read?: Waiting['read']): Promise<Value> =>
    until<Value>((settle) =>
      stand({
        prompt,
        ...(read && { read }),
        settle(value) {
          stand(BUSY);
          settle(value);
        },
      }),
    );

  const next = (prompt: Prompt): Promise<Reading | undefined> =>
    until<Reading | undefined>((settle) => {
      const taken = (reading: Reading | undefined): void => {
        stand(BUSY);
        settle(reading);
      };
      stand({ prompt, read: taken, settle: () => taken(undefined) });
    });

  const work = <T>(job: () => Promise<T>): Promise<T> => until<T>((settle, fail) => void job().then(settle, fail));

  const identify: Desk['identify'] = async (ask, kinds = scene.accepts) => {
    let turned: Turned | undefined;
    for (;;) {
      const reading = early ?? (await next({ kind: 'identify', ask, ...(turned && { turned }) }));
      early = undefined;
      if (!reading) continue;
      const found = await work(() => parts.identify(reading, kinds));
      if ('presented' in found) {
        proofs.set(found.presented, found.proof);
        return found.presented;
      }
      turned = found.turned;
    }
  };

  const scan: Desk['scan'] = async (ask) => {
    for (;;) {
      const reading = await next({ kind: 'scan', ask });
      if (!reading) return undefined;
      const text = reading.medium === 'code' && reading.bytes.length <= LONGEST_SCAN ? Buffer.from(reading.bytes).toString('latin1') : '';
      if (/^[\x20-\x7e]+$/.test(text)) return text;
    }
  };

  const lists = (): Lists | undefined => parts.trust()?.lists;
  const desk: Desk = {
    signal: ending.signal,
    get at() {
      return parts.clock.now();
    },
    identify,
    scan,
    async choose(ask, choices) {
      const id = await put({
        kind: 'choose',
        ask,
        choices: choices.map(({ id, label, detail }) => ({ id, label, ...(detail && { detail }) })),
      });
      const chosen = choices.find((choice) => choice.id === id);
      if (!chosen) throw new RangeError(`nothing to choose from: ${ask.en}`);
      return chosen;
    },
    confirm: async (ask, lines) => (await put({ kind: 'confirm', ask, lines })) === true,
    fill: async (ask, blanks) => (await put({ kind: 'fill', ask, blanks })) as Readonly<Record<string, string>>,
    show: async (say, lines = [], picture) => void (await put({ kind: 'show', say, lines, ...(picture && { picture }) })),
    venueCode: (venue) => work(() => parts.venueCode(venue)),
    kept: () => parts.kept(),
    keep: (value) => parts.keep(value),
    today: () => parts.today(),
    async submit({ of, ...submission }) {
      ending.signal.throwIfAborted();
      const proof = of && proofs.get(of);
      if (of && !proof) throw new RangeError('a person of another visit');
      return parts.submit(submission, proof);
    },
    ask: (operation, body) => work(() => parts.ask(operation, body)),
    listed: (list, subject) => {
      const token = decodeBase64Url(subject);
      return token !== undefined && lists()?.listed(list, token) === true;
    },
    data: (name) => parts.trust()?.data(name),
  };

  const play = async (): Promise<VisitEnd> => {
    try {
      await scene.visit(desk, parts.settings);
      return 'done';
    } catch (error) {
      if (ending.signal.aborted) return (ending.signal.reason as VisitEnded).end;
      log.error('visit-failed', { scene: parts.name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      return 'failed';
    }
  };

  const over = play().then((end) => {
    // Nothing of the person is kept by a prompt that still stands.
    waiting = BUSY;
    early = undefined;
    if (!ending.signal.aborted) ending.abort(new VisitEnded(end));
    return end;
  });

  return {
    id: randomUUID(),
    scene: parts.name,
    get step() {
      return step;
    },
    get prompt() {
      return waiting.prompt;
    },
    get faults() {
      return faults;
    },
    over,
    answer(to, said) {
      const answer = to === step ? answered(waiting.prompt, said) : undefined;
      if (!answer) return false;
      if ('value' in answer) {
        waiting.settle(answer.value);
        return true;
      }
      faults = answer.faults;
      parts.changed();
      return true;
    },
    read(reading) {
      if (!waiting.read) return false;
      waiting.read(reading);
      return true;
    },
    end(end) {
      if (!ending.signal.aborted) ending.abort(new VisitEnded(end));
    },
  };
}
