/** From a card as it was read to whose card it is: the ID number gives way to the subject before the lane sees the reading. */
import type { Log } from '../contracts.js';
import { subjectOf } from '../crypto/subject.js';
import { UNREADABLE_CARD } from '../framing/card.js';
import { decodeCard, encodeKnownCard, type Holder } from '../messages/card.js';
import { residentId } from '../messages/identifiers.js';

/** Takes the bytes of a reading of medium `card`, gives those without an ID number. Never rejects; about 50 ms off the main thread. */
export type Cards = (bytes: Uint8Array) => Promise<Uint8Array>;

export interface CardsParts {
  readonly region: string;
  /** By epoch; undefined or empty: none was granted to this terminal. */
  regionKeys(): ReadonlyMap<number, Uint8Array> | undefined;
  readonly log: Log;
}

export function createCards({ region, regionKeys, log }: CardsParts): Cards {
  return async (bytes) => {
    const card = decodeCard(bytes);
    const id = card?.idNumber === undefined ? undefined : residentId(card.idNumber);
    if (!card || (card.idNumber !== undefined && id === undefined)) return UNREADABLE_CARD;
    try {
      return encodeKnownCard({ ...card, holder: await holderOf(id) });
    } catch (error) {
      log.error('card-holder-failed', { reason: error instanceof Error ? error.message : String(error) });
      return encodeKnownCard({ ...card, holder: undefined });
    }
  };

  async function holderOf(id: string | undefined): Promise<Holder | undefined> {
    const newest = newestOf(regionKeys());
    if (id === undefined) return undefined;
    if (!newest) {
      log.warn('card-without-region-key');
      return undefined;
    }
    const [epoch, key] = newest;
    return { subject: await subjectOf(id, region, key), epoch };
  }
}

/** Codes are made with the newest key; who still holds one of an older epoch is another subject until it is renewed. */
function newestOf(keys: ReadonlyMap<number, Uint8Array> | undefined): readonly [number, Uint8Array] | undefined {
  return [...(keys ?? [])].sort(([a], [b]) => b - a)[0];
}
