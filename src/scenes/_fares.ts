/** From a tap to money: what each rider pays and what is remembered of it. Integer fen throughout. Pure. */
import type { Facts, Moment } from '../contracts.js';
import { fareBetween, highestFare, reduced } from '../messages/fares.js';
import { openDuring } from '../messages/hours.js';
import { boarded, ceilingOf, elapsed, type LastRide, type Rides } from './_rides.js';
import type { StagedTap, Tap } from './_tap.js';

/** `fare`: of this tap, in fen. `facts`: what of the rules applied, for the public entry. */
export interface Fare {
  readonly fare: number;
  readonly riders: number;
  readonly rides: Rides;
  readonly facts: Facts;
}

/** The holder boards. On a staged line the highest fare from here, which stands if no tap-off follows. */
export function boarding(tap: Tap): Fare {
  const { rides, tariff, line, stop, situation } = tap;
  const { last } = rides;
  const transfer = last ? transferOf(tap, last) : 'no';
  const base = 'flat' in line ? line.flat : highestFare(line, stop);
  const price = holderPrice(tap, { base, at: situation.at, transfer: transfer !== 'no', paid: rides.own });
  const now = boarded(situation.at);
  const chained = transfer !== 'no' && last ? last : undefined;
  const ride: LastRide = {
    version: tariff.version,
    line: line.id,
    stop: stop ?? null,
    ...now,
    riders: 1,
    transfers: chained ? chained.transfers + 1 : 0,
    transferring: chained ? chained.riders : 0,
    since: chained ? chained.since : now.at,
    sinceUntil: chained ? chained.sinceUntil : now.until,
    own: price.fare,
    all: price.fare,
    off: null,
  };
  const facts = { ...price.facts, ...(chained && { transfer: ride.transfers }), ...(transfer === 'unsure' && { unsure: true }) };
  return { fare: price.fare, riders: 1, rides: charged(rides, ride, { ride: rides.ride + 1, riders: 1 }), facts };
}

/** One more rider on the code of the last boarding: full fare, the transfer of the group, outside the holder's cap. */
export function companionBoarding(tap: Tap, last: LastRide): Fare {
  const { rides, line, stop } = tap;
  const riders = last.riders + 1;
  const transferring = riders <= last.transferring;
  const fare = companionPrice(tap, { base: 'flat' in line ? line.flat : highestFare(line, stop), transferring });
  const ride = { ...last, riders, all: last.all + fare };
  const facts = { repeat: riders, ...(transferring && { transfer: last.transfers }) };
  return { fare, riders: 1, rides: charged(rides, ride, { ride: rides.ride, riders: 1 }), facts };
}

/** The group of an open ride leaves: the fare of all of them, in place of what was charged when they boarded, never above it. */
export function alighting(now: StagedTap, last: LastRide): Fare {
  const tap = asBoarded(now, last);
  const { rides, line, stop, situation } = tap;
  const base = fareBetween(line, last.stop ?? undefined, stop);
  // Hours of a concession are those of the boarding.
  const at: Moment = { earliest: last.at, latest: last.until ?? Number.POSITIVE_INFINITY };
  const price = holderPrice(tap, { base, at, transfer: last.transferring > 0, paid: rides.own - last.own });
  const own = Math.min(price.fare, last.own);
  let all = own;
  for (let rider = 2; rider <= last.riders; rider++) all += companionPrice(tap, { base, transferring: rider <= last.transferring });
  all = Math.max(own, Math.min(all, last.all));
  const ride = { ...last, own, all, off: boarded(situation.at).at };
  const facts = { ...price.facts, from: last.stop, ...(last.transferring > 0 && { transfer: last.transfers }) };
  return { fare: all, riders: last.riders, rides: charged(rides, ride, { ride: rides.ride, riders: 0 }), facts };
}

function asBoarded(tap: StagedTap, { version }: LastRide): StagedTap {
  const tariff = tap.tariffs.find((one) => one.version === version);
  const line = tariff?.lines.find(({ id }) => id === tap.line.id);
  return tariff && line && 'bands' in line ? { ...tap, tariff, line } : tap;
}

/** Off without on: the highest fare to this stop, one rider, closed at once. */
export function unmatchedAlighting(tap: StagedTap): Fare {
  const { rides, line, stop, situation, tariff } = tap;
  const price = holderPrice(tap, { base: highestFare(line, stop), at: situation.at, transfer: false, paid: rides.own });
  const now = boarded(situation.at);
  const own = { own: price.fare, all: price.fare };
  const journey = { riders: 1, transfers: 0, transferring: 0, since: now.at, sinceUntil: ceilingOf(situation.at.latest) };
  const ride: LastRide = { version: tariff.version, line: line.id, stop: null, ...now, ...journey, ...own, off: now.at };
  return {
    fare: price.fare,
    riders: 1,
    rides: charged(rides, ride, { ride: rides.ride + 1, riders: 1 }),
    facts: { ...price.facts, unmatched: true },
  };
}

/** Puts `ride` in the place of what was charged for the same ride before. */
function charged(rides: Rides, ride: LastRide, now: { readonly ride: number; readonly riders: number }): Rides {
  const before = now.ride === rides.ride && rides.last ? rides.last : { own: 0, all: 0 };
  return {
    ...rides,
    rides: rides.rides + now.riders,
    ride: now.ride,
    own: rides.own - before.own + ride.own,
    all: rides.all - before.all + ride.all,
    last: ride,
  };
}

/** `unsure`: the window may be over, as far as the clock knows; the doubt is the rider's, the entry says so. */
function transferOf({ tariff, line, situation }: Tap, last: LastRide): 'no' | 'yes' | 'unsure' {
  const { transfer } = tariff;
  if (!transfer || last.transfers >= transfer.most || (!transfer.sameLine && last.line === line.id)) return 'no';
  const since = transfer.since === 'first' ? { at: last.since, until: last.sinceUntil } : { at: last.at, until: last.until };
  const { least, most } = elapsed(since, situation.at);
  if (least > transfer.window * 1000) return 'no';
  return most > transfer.window * 1000 ? 'unsure' : 'yes';
}

interface Asked {
  readonly base: number;
  readonly at: Moment;
  readonly transfer: boolean;
  /** What the holder paid today for other rides: the cap leaves the rest. */
  readonly paid: number;
}

/** Concession first, then transfer, then cap; each rounded down. */
function holderPrice(tap: Tap, { base, at, transfer, paid }: Asked): { readonly fare: number; readonly facts: Facts } {
  const { tariff } = tap;
  const conceded = concessionPrice(tap, base, at);
  const after = transfer && tariff.transfer ? reduced(conceded, tariff.transfer.pay, tariff.step) : conceded;
  const room = tariff.cap === undefined ? after : Math.max(0, tariff.cap - paid);
  const fare = Math.min(after, room);
  // Which class somebody belongs to tells age or disability: the public entry says only that there was a reduction.
  const concession = conceded < base && { concession: conceded === 0 ? 'free' : 'reduced' };
  return { fare, facts: { ...concession, ...(fare < after && { capped: true }) } };
}

function concessionPrice({ subject, situation, tariff }: Tap, base: number, at: Moment): number {
  const prices = tariff.concessions
    .filter((one) => situation.listed(`concession.${one.class}`, subject))
    .filter((one) => !one.hours || openDuring(one.hours, at) !== 'closed')
    .map((one) => reduced(base, one.pay, tariff.step));
  return Math.min(base, ...prices);
}

function companionPrice({ tariff }: Tap, { base, transferring }: { readonly base: number; readonly transferring: boolean }): number {
  return transferring && tariff.transfer ? reduced(base, tariff.transfer.pay, tariff.step) : base;
}
