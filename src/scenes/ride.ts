/** Scene `ride`: a bus validator (RIDE-01, RIDE-02). What it costs is data (docs/ride.md); what it charges is settled by the platform. */
import { z } from 'zod';
import type { Credential, Facts, Judgement, Scene, Situation, Words } from '../contracts.js';
import { PLACE } from '../messages/fares.js';
import { alighting, boarding, companionBoarding, type Fare, unmatchedAlighting } from './_fares.js';
import { firstOf, type Refused, refuse } from './_refusals.js';
import { recall } from './_rides.js';
import { flatRules, type NoTariff, rulesFor, type Tap } from './_tap.js';

/** Every carrier of a ride: a person's codes, the transit codes, and cards (only those that say whose they are without a PIN). */
const CODES = ['ak1', 'ak2', 'mot', 'unionpay'] as const;
const CARDS = ['social-security-card'] as const;

const SETTINGS = z.strictObject({
  line: PLACE.optional().describe('where the vehicle does not name it itself; absent: the only line of the tariff'),
  withoutFares: z
    .union([z.enum(['later', 'refuse']), z.int().min(0).max(100_000)])
    .default('later')
    .describe('no tariff for this ride: count it and let the platform price it, refuse, or take this many fen'),
  offline: z
    .strictObject({ rides: z.int().min(0).max(1000), fen: z.int().min(0).max(1_000_000) })
    .default({ rides: 6, fen: 2000 })
    .describe('per subject and day while trust is stale, where the tariff sets no limits'),
});

type Settings = z.infer<typeof SETTINGS>;

const words = (zh: string, en: string): Words => ({ zh, en });

function judge({ subject, claims }: Pick<Credential, 'subject' | 'claims'>, situation: Situation, settings: Settings): Judgement {
  const found = rulesFor(situation, settings.line);
  const why = typeof found === 'string' ? found : undefined;
  if (why && settings.withoutFares === 'refuse') return refuse('out-of-order', why);
  const rules = typeof found === 'string' ? flatRules(situation, settings.line, withoutFares(settings)) : found;
  const { rides, reset } = recall(situation.memory, situation.at);
  const tap: Tap = { subject, situation, rides, ...rules };
  const fare = fareOf(tap);
  if ('admit' in fare) return fare;
  const refused = firstOf([overLimits(fare, tap, settings), overSpending(fare, tap, claims)]);
  if (refused) return refused;
  const note = { ...noteOf(tap, fare), ...fare.facts, ...(reset && { reset: true }) };
  return { admit: true, note: why ? unpriced(note, why, settings) : note, passed: { memory: fare.rides } };
}

/** Nothing is owed for leaving a flat line; elsewhere a tap-off closes the ride that is open. */
function fareOf(tap: Tap): Fare | Refused {
  const { line, rides, situation, tariff } = tap;
  const { last } = rides;
  if (situation.direction === 'out') {
    if ('flat' in line) return { fare: 0, riders: 1, rides, facts: {} };
    const staged = { ...tap, line };
    if (last && last.line === line.id && last.off === null) return alighting(staged, last);
    if (last && last.line === line.id && isJustNow(last.off ?? last.at, tap)) return refuse('already-used', 'tapped-off');
    return unmatchedAlighting(staged);
  }
  if (situation.repeat && last && last.off === null && last.line === line.id) {
    return last.riders < tariff.riders ? companionBoarding(tap, last) : refuse('not-entitled', 'too-many-riders', { most: tariff.riders });
  }
  if (!situation.repeat && last && last.line === line.id && isJustNow(last.at, tap)) return refuse('already-used', 'again');
  return boarding(tap);
}

/** As long as the terminal has been running; a second tap is then a slip of the hand, and another rider is the driver's key. */
function isJustNow(since: number, { situation, tariff }: Tap): boolean {
  return situation.at.earliest - since < tariff.again * 1000;
}

/** `trust-stale`: with fresh trust this person would ride, so the word is the terminal's age, not the person's right. Leaving is free. */
function overLimits({ rides, fare }: Fare, { situation, tariff }: Tap, { offline }: Settings): Refused | undefined {
  if (!situation.stale || situation.direction === 'out') return undefined;
  const limits = tariff.offline ?? offline;
  return rides.rides > limits.rides || (fare > 0 && rides.all > limits.fen) ? refuse('trust-stale', 'offline-limit') : undefined;
}

/** Facts 2.1.3, 9: what the issuer of a ride code lets one ride cost, in fen. Who is on the way out has paid already. */
function overSpending({ fare }: Fare, { situation }: Tap, { limit }: Credential['claims']): Refused | undefined {
  const over = typeof limit === 'number' && fare > limit && situation.direction === 'in';
  return over ? refuse('not-entitled', 'over-limit', { limit }) : undefined;
}

function noteOf({ line, stop, tariff, situation }: Tap, { fare, riders, rides }: Fare): Facts {
  const tap = 'flat' in line ? {} : { tap: situation.direction === 'in' ? 'on' : 'off' };
  return { fare, version: tariff.version, line: line.id, ride: rides.ride, riders, ...(stop !== undefined && { stop }), ...tap };
}

function withoutFares({ withoutFares: policy }: Settings): number {
  return typeof policy === 'number' ? policy : 0;
}

function unpriced({ fare, ...note }: Facts, why: NoTariff, { withoutFares: policy }: Settings): Facts {
  return policy === 'later' ? { ...note, unpriced: why } : { ...note, fare: fare ?? null, fallback: why };
}

export default {
  accepts: ['person'],
  formats: [...CODES, ...CARDS],
  settings: SETTINGS,
  title: words('扫码乘车', 'Bus ride'),
  words: {
    again: words('刚才已经刷过；多人乘车请告诉司机', 'Already tapped; for more riders tell the driver'),
    'tapped-off': words('刚才已经下车刷码', 'You have already tapped off'),
    'too-many-riders': words('这个码的同行人数已满', 'No more riders on this code'),
    'offline-limit': words(
      '本车资料过期，今日离线次数或金额已满，请用其他方式付费',
      'This bus has been offline too long for another ride; please pay another way',
    ),
    'over-limit': words(
      '票价超过这个码的单次限额，请用其他方式付费',
      'The fare is above what this code may pay at once; please pay another way',
    ),
    'no-fares': words('没有票价资料', 'There are no fares'),
    'bad-fares': words('票价资料不合规范', 'The fares are not as they should be'),
    'no-tariff': words('票价尚未生效', 'The fares are not in force yet'),
    'no-line': words('不知道本车是哪条线路', 'The line of this vehicle is not known'),
    transfer: words('换乘优惠', 'Transfer'),
    repeat: words('同行一位', 'One more rider'),
    capped: words('今日已封顶', 'Daily cap reached'),
    concession: words('优惠乘车', 'Reduced fare'),
    unmatched: words('没有上车记录，按最高票价', 'No boarding known, highest fare'),
    unpriced: words('已记录，稍后计价', 'Recorded, to be priced later'),
  },
  judge,
} satisfies Scene<Settings>;
