/** What a gate sends in a day, for the benches of the county's ingest. */
import { type Entry, entryHash, GENESIS, toEvent, toMessage } from '../src/messages/entry.js';
import { canonical } from '../src/messages/jcs.js';
import { makeHead } from '../src/messages/signed.js';
import type { CountyKeys } from '../src/platform/keys.js';

export const ENTRIES = 12_800;
export const PER_MESSAGE = 64;
export const NOW = Date.parse('2026-03-01T04:00:00Z');
export const REGION = '341525';
const JOURNAL = '00112233aabbccdd';
export const quiet = { info: () => {}, warn: () => {}, error: () => {} };

export interface Load {
  readonly entries: readonly Entry[];
  readonly messages: readonly Buffer[];
}

/** A day of a gate: entries of the usual size, with seals, in full messages. */
export function loadOf(keys: CountyKeys, terminal: string): Load {
  const { sign } = keys.terminal(terminal);
  const entries: Entry[] = [];
  const messages: Buffer[] = [];
  let prev = GENESIS;
  for (let seq = 1; seq <= ENTRIES; seq++) {
    const facts = {
      scene: 'entry',
      checkpoint: 'HS-HOSPITAL',
      station: 'lane-1',
      direction: 'in',
      verdict: 'admit',
      person: true,
      verified: true,
      format: 'ak2',
      form: 'moment',
      trustAge: 3600,
      listsAge: 3600,
      clock: 'synchronised',
      colour: 'green',
    };
    const body = {
      seq,
      earliest: NOW + seq,
      latest: NOW + seq + 20,
      kind: 'verdict',
      public: canonical(facts),
      seal: Buffer.alloc(220, seq),
      prev,
    };
    const hash = entryHash({ terminal, journal: JOURNAL }, body);
    prev = hash;
    entries.push({ ...body, hash });
  }
  for (let at = 0; at < ENTRIES; at += PER_MESSAGE) {
    const some = entries.slice(at, at + PER_MESSAGE);
    const last = some[some.length - 1];
    if (!last) continue;
    const head = makeHead({ terminal, journal: Buffer.from(JOURNAL, 'hex'), seq: last.seq, hash: last.hash }, sign);
    messages.push(
      Buffer.from(
        toMessage(
          some.map((entry) => toEvent({ region: REGION, checkpoint: 'HS-HOSPITAL', terminal, journal: JOURNAL }, entry)),
          head,
        ),
      ),
    );
  }
  return { entries, messages };
}
