/**
 * Charges bills through the platform, each at most once whatever happens on the way (MED-05):
 *
 *   intent → journal → pay/charge ─answer→ outcome → journal
 *                          └ none → pay/state, again and again while the person waits → in doubt → pay/state in the background
 *
 * `pay/state` ends an attempt that the platform has not begun, so that what is settled as not charged can never be charged later.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bill, Clock, Facts, Log, Words } from '../contracts.js';
import type { Cbor } from '../crypto/cbor.js';
import type { Status } from '../messages/answer.js';
import { CHARGE, NOT_CHARGED_WORDS, PAY_SAID, PAY_STATE, type PaySaid } from '../messages/payment.js';
import { cborOf, jsonOf } from '../messages/plain.js';
import { createOpenPayments, type Intent, type OpenPaymentsParts, type Outcome } from './open-payments.js';
import type { AskPlatform } from './resolve.js';
import type { Charged } from './visit.js';

export interface PaymentsParts extends OpenPaymentsParts {
  readonly clock: Clock;
  readonly log: Log;
  /** undefined: there is no line to the platform. */
  ask(): AskPlatform | undefined;
  /** The person waits so long for the end of it. */
  readonly patienceMs?: number;
}

/** Where it is paid: desk and scene. */
export interface At {
  readonly station: string;
  readonly scene: string;
}

export interface Payments {
  /** Never rejects; goes on to its end whatever becomes of the visit. */
  charge(at: At, bill: Bill, code: string): Promise<Charged>;
  /** The platform may be reached again: asks after what is in doubt. Returns at once. */
  settle(): void;
  /** Whatever is open stays open, for the next start. */
  stop(): void;
}

/** What an answer tells: the end of it, more to wait for, or that nothing left this box. */
type Heard = Outcome | 'waiting' | 'nothing';

const PATIENCE_MS = 45_000;
const CHARGE_MS = 15_000;
const STATE_MS = 5000;
const AT_ONCE = 8;
/** Between two questions: doubling. While somebody stands there, and in the background. */
const PAUSE = { first: 300, most: 5000 } as const;
const LATER = { first: 2000, most: 60_000 } as const;

const words = (zh: string, en: string): Words => ({ zh, en });
const BUSY = words('上一笔付款还未结束，请稍候', 'The payment before is not finished yet; please wait');
const OFFLINE = words('网络不通，未扣款，请稍后再试', 'No network; nothing was charged. Please try again later');
const NOT_NOW = words('本机暂不能收款，请到人工窗口', 'This terminal cannot take payments now; please go to a staffed window');

export function createPayments(parts: PaymentsParts): Payments {
  const { log, clock, patienceMs = PATIENCE_MS } = parts;
  const open = createOpenPayments(parts);
  /** The attempt at each station: one payment at a time. */
  const charging = new Map<string, string>();
  const stopping = new AbortController();
  // A listener for each desk that waits.
  setMaxListeners(0, stopping.signal);
  let timer: NodeJS.Timeout | undefined;
  let pause: number = LATER.first;
  let settling: Promise<void> | undefined;

  const ask = async (operation: string, body: Facts, deadlineMs: number): Promise<Heard> => {
    const line = parts.ask();
    if (!line) return 'nothing';
    try {
      const limit = Math.min(deadlineMs, patienceMs);
      const { status, body: answer } = await line(operation, cborOf(body), { deadlineMs: limit, sealed: true });
      return heard(operation, status, answer);
    } catch (error) {
      log.warn('not-answered', { operation, error: error instanceof Error ? error.message : String(error) });
      return neverSent(error) ? 'nothing' : 'waiting';
    }
  };

  const state = ({ number, attempt }: Intent): Promise<Heard> => ask(PAY_STATE, { number, attempt }, STATE_MS);

  /** Until the end is known, or the person has waited long enough. */
  const followed = async (intent: Intent, first: Heard): Promise<Heard> => {
    const until = clock.monotonic() + patienceMs;
    let said = first;
    for (let wait: number = PAUSE.first; isOpen(said) && !stopping.signal.aborted; wait = Math.min(2 * wait, PAUSE.most)) {
      if (clock.monotonic() + wait >= until) break;
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined); // the end of the program is seen above
      said = await state(intent);
    }
    return said;
  };

  const pay = async (intent: Intent, code: string): Promise<Charged> => {
    const { number, amount, attempt } = intent;
    const first = await ask(CHARGE, { number, amount, attempt, code }, CHARGE_MS);
    // Only here: a charge that may have left is never known not to have.
    const said = first === 'nothing' ? ({ outcome: 'not-charged', reason: 'not-sent' } as const) : await followed(intent, first);
    if (isOpen(said) || stopping.signal.aborted) {
      later();
      return { status: 'in-doubt' };
    }
    // What cannot be written stays open, and is asked after and written later.
    if (!open.end(intent, said)) later();
    return chargedBy(said);
  };

  const settleOne = async (intent: Intent): Promise<Heard> => {
    const said = await state(intent);
    if (stopping.signal.aborted || isOpen(said)) return said;
    if (open.end(intent, said)) log.info('payment-settled', { number: intent.number, outcome: said.outcome });
    return said;
  };

  /** The oldest first, some at once; no further while there is no line. */
  const settleAll = async (): Promise<void> => {
    const standing = new Set(charging.values());
    const waiting = open.all().filter(({ attempt }) => !standing.has(attempt));
    for (let from = 0; from < waiting.length && !stopping.signal.aborted; from += AT_ONCE) {
      const said = await Promise.all(waiting.slice(from, from + AT_ONCE).map(settleOne));
      if (said.every((one) => one === 'nothing')) return;
    }
  };

  const settle = (): void => {
    clearTimeout(timer);
    if (open.all().length === 0 || stopping.signal.aborted) return;
    settling ??= settleAll()
      .catch((error: unknown) => log.error('payments-not-settled', { error: error instanceof Error ? error.message : String(error) }))
      .finally(() => {
        settling = undefined;
        pause = Math.min(2 * pause, LATER.most);
        if (open.all().length > 0) wait();
      });
  };
  const wait = (): void => {
    clearTimeout(timer);
    if (!stopping.signal.aborted) timer = setTimeout(settle, pause).unref();
  };
  const later = (): void => {
    pause = LATER.first;
    wait();
  };

  // Of a run before this one.
  if (open.all().length > 0) later();

  return {
    async charge({ station, scene }, { number, amount }, code) {
      if (stopping.signal.aborted) return refused(NOT_NOW);
      if (charging.has(station)) return refused(BUSY);
      if (!parts.ask()) return refused(OFFLINE);
      const intent: Intent = { attempt: randomBytes(16).toString('hex'), number, amount, station, scene };
      try {
        open.begin(intent);
      } catch (error) {
        log.error('payment-not-begun', { station, error: error instanceof Error ? error.message : String(error) });
        return refused(NOT_NOW);
      }
      charging.set(station, intent.attempt);
      return pay(intent, code).finally(() => charging.delete(station));
    },
    settle() {
      pause = LATER.first;
      settle();
    },
    stop() {
      stopping.abort();
      clearTimeout(timer);
    },
  };
}

const refused = (reason: Words): Charged => ({ status: 'refused', reason });
const isOpen = (said: Heard): said is 'waiting' | 'nothing' => typeof said === 'string';

/** The uplink says so of what never left: there was no line, or too many waited already. */
const neverSent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'offline' || error.code === 'crowded');

/** A charge that is refused or of an unknown bill took nothing; anything else that is no answer leaves it open. */
function heard(operation: string, status: Status, body: Cbor): Heard {
  if (status === 'ok') return toldBy(PAY_SAID.safeParse(jsonOf(body)).data);
  return operation === CHARGE && (status === 'refused' || status === 'unknown') ? { outcome: 'not-charged', reason: status } : 'waiting';
}

function toldBy(said: PaySaid | undefined): Heard {
  switch (said?.state) {
    case 'paid':
      return { outcome: 'paid', receipt: said.receipt };
    case 'not-charged':
      return { outcome: 'not-charged', reason: said.reason, ...(said.receipt !== undefined && { receipt: said.receipt }) };
    case 'refunded':
      return { outcome: 'refunded' };
    case 'charging':
    case 'refunding':
    case undefined:
      return 'waiting';
  }
}

/** What the person is told. A bill that another attempt had paid is paid. */
function chargedBy({ outcome, receipt, reason }: Outcome): Charged {
  if (receipt !== undefined && (outcome === 'paid' || reason === 'already-paid')) return { status: 'paid', receipt };
  // Somebody pays it at this moment: to try another code would be to pay twice, were it not for the platform.
  if (reason === 'being-paid') return { status: 'in-doubt' };
  if (reason === 'not-sent') return refused(OFFLINE);
  return refused(
    (NOT_CHARGED_WORDS as Readonly<Record<string, Words>>)[reason ?? ''] ?? (outcome === 'refunded' ? NOT_CHARGED_WORDS.void : NOT_NOW),
  );
}
