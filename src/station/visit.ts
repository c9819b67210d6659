/**
 * One conversation with one person. The scene's function waits on one prompt at a time; whatever ends the visit rejects what it
 * waits for, so that it unwinds and lets go of all it knew.
 */
import { randomUUID } from 'node:crypto';
import type {
  Bill,
  Clock,
  Desk,
  DeskAnswer,
  DeskScene,
  Facts,
  Field,
  Kind,
  Lists,
  Log,
  Medium,
  Presented,
  Reading,
  Released,
  Submission,
  Trust,
  Turned,
  Words,
} from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { isPaymentCode } from '../messages/payment-code.js';
import { searched, shown } from './search.js';
import { type StaffDesk, visitStaff } from './visit-staff.js';
import { createWaiting, type Waiting } from './waiting.js';

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

/** `refused`: nothing was charged, and another code may be tried. */
export type Charged =
  | { readonly status: 'paid'; readonly receipt: string }
  | { readonly status: 'in-doubt' }
  | { readonly status: 'refused'; readonly reason: Words };

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
  ask(operation: string, body: Facts, proof?: Proof): Promise<DeskAnswer | undefined>;
  reveal(fields: readonly Field[], purpose: string, proof: Proof): Promise<Released | undefined>;
  charge(bill: Bill, code: string): Promise<Charged>;
  readonly print: Desk['print'];
  readonly handOver: Desk['handOver'];
  readonly venueCode: Desk['venueCode'];
  readonly draw: Desk['draw'];
  readonly kept: Desk['kept'];
  readonly keep: Desk['keep'];
  readonly today: Desk['today'];
  readonly staff: StaffDesk;
  readonly keepOpen: Desk['keepOpen'];
  changed(): void;
}

export interface Visit extends Pick<Waiting, 'step' | 'prompt' | 'faults' | 'answer' | 'type' | 'read'> {
  readonly id: string;
  readonly scene: string;
  readonly over: Promise<VisitEnd>;
  end(end: VisitEnd): void;
}

const NO_PAYMENT_CODE: Words = { zh: '这不是付款码', en: 'This is not a payment code' };
const LINK: Words = { zh: '演示：打开手机页面', en: 'Demo: open the phone’s page' };
/** A bar code that is scanned as text. */
const LONGEST_SCAN = 200;

/** `first`: what was held up before a scene was chosen; it answers the first question who it is. */
export function startVisit(parts: VisitParts, first: Reading | undefined): Visit {
  const { scene, log } = parts;
  const ending = new AbortController();
  /** By picture: of a demo, whose page no real phone reaches. */
  const links = new Map<string, string>();
  const proofs = new WeakMap<Presented, Proof>();
  let early = first;
  const waiting = createWaiting(ending.signal, () => parts.changed());
  const { put, next, work } = waiting;

  const proofOf = (who: Presented): Proof => {
    const proof = proofs.get(who);
    if (!proof) throw new RangeError('a person of another visit');
    return proof;
  };

  const identify: Desk['identify'] = async (ask, kinds = scene.accepts, said) => {
    let turned: Turned | undefined;
    for (;;) {
      const beside = turned ? { turned } : said ? { said } : {};
      const reading = early ?? (await next({ kind: 'identify', ask, ...beside }));
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

  const pay: Desk['pay'] = async (bill) => {
    let turned: Words | undefined;
    for (;;) {
      const reading = await next({ kind: 'pay', ask: bill.what, amount: bill.amount, ...(turned && { turned }) });
      if (!reading) return { status: 'not-paid' };
      const code = Buffer.from(reading.bytes).toString('latin1');
      const charged: Charged =
        reading.medium === 'code' && isPaymentCode(code)
          ? await work(() => parts.charge(bill, code))
          : { status: 'refused', reason: NO_PAYMENT_CODE };
      if (charged.status !== 'refused') return charged;
      turned = charged.reason;
    }
  };

  const lists = (): Lists | undefined => parts.trust()?.lists;
  const desk: Omit<Desk, 'staff' | 'staffPage' | 'meetings' | 'report'> = {
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
        choices: choices.map(shown),
      });
      const chosen = choices.find((choice) => choice.id === id);
      if (!chosen) throw new RangeError(`nothing to choose from: ${ask.en}`);
      return chosen;
    },
    search: (ask, find) => searched(waiting, ask, find),
    confirm: async (ask, lines) => (await put({ kind: 'confirm', ask, lines })) === true,
    fill: async (ask, blanks) => (await put({ kind: 'fill', ask, blanks })) as Readonly<Record<string, string>>,
    show: async (say, lines = [], picture) => {
      const href = picture && links.get(picture);
      await put({ kind: 'show', say, lines, ...(picture && { picture }), ...(href && { link: { href, words: LINK } }) });
    },
    draw: (text) => work(() => parts.draw(text)),
    async venueCode(venue) {
      const made = await work(() => parts.venueCode(venue));
      if (made.text.startsWith('HTTP://')) links.set(made.picture, made.text);
      return made;
    },
    kept: () => parts.kept(),
    keep: (value) => parts.keep(value),
    today: () => parts.today(),
    keepOpen: (until) => parts.keepOpen(until),
    async submit({ of, ...submission }) {
      ending.signal.throwIfAborted();
      return parts.submit(submission, of && proofOf(of));
    },
    ask: (operation, body, of) => work(() => parts.ask(operation, body, of && proofOf(of))),
    reveal: (who, fields, purpose) => work(() => parts.reveal(fields, purpose, proofOf(who))),
    pay,
    print: (paper) => work(() => parts.print(paper)),
    handOver: (told) => work(() => parts.handOver(told)),
    listed: (list, subject) => {
      const token = decodeBase64Url(subject);
      return token !== undefined && lists()?.listed(list, token) === true;
    },
    data: (name) => parts.trust()?.data(name),
  };
  const { name, submit } = parts;
  const { signOut, ...staff } = visitStaff({ ...parts.staff, name, scene, desk, work, put, proofOf, submit, log });

  const play = async (): Promise<VisitEnd> => {
    try {
      // One object: `at` is asked for anew each time.
      await scene.visit(Object.assign(desk, staff), parts.settings);
      return 'done';
    } catch (error) {
      if (ending.signal.aborted) return (ending.signal.reason as VisitEnded).end;
      log.error('visit-failed', { scene: parts.name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      return 'failed';
    }
  };

  const over = play().then((end) => {
    waiting.clear();
    signOut();
    early = undefined;
    if (!ending.signal.aborted) ending.abort(new VisitEnded(end));
    return end;
  });

  return {
    id: randomUUID(),
    scene: parts.name,
    get step() {
      return waiting.step;
    },
    get prompt() {
      return waiting.prompt;
    },
    get faults() {
      return waiting.faults;
    },
    over,
    answer: (step, said) => waiting.answer(step, said),
    type: (step, text) => waiting.type(step, text),
    read: (reading) => waiting.read(reading),
    end(end) {
      if (!ending.signal.aborted) ending.abort(new VisitEnded(end));
    },
  };
}
