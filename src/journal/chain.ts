/** The hash chain in its table: appending, reading, pruning from the old end, and walking it. */
import type { Database } from 'better-sqlite3';
import type { Facts, Moment } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import { assertFits, type Chain, type Entry, entryHash, isKind } from '../messages/entry.js';
import { canonical } from '../messages/jcs.js';

/** An entry to be. `seal` makes the sealed part once the entry's context (wire.md 5) is known. */
export interface Draft {
  readonly kind: string;
  readonly at: Moment;
  readonly facts: Facts;
  readonly seal?: ((context: string) => Uint8Array) | undefined;
}

/** The end of a chain. `total`: bytes of all entries so far. */
export interface Tip {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly total: number;
}

interface Row {
  readonly seq: number;
  readonly earliest: number;
  readonly latest: number | null;
  readonly kind: string;
  readonly public: string;
  readonly seal: Uint8Array | null;
  readonly hash: Uint8Array;
}

/** What an entry takes beside its two parts: row, key, hash. For estimates. */
const ROW_BYTES = 80;

export interface Table {
  append(tip: Tip, draft: Draft): { readonly entry: Entry; readonly tip: Tip };
  /** The entry at or before `seq`; undefined when there is none. */
  tip(seq: number): Tip | undefined;
  earliest(seq: number): number | undefined;
  /** At most `limit` entries from `from` on; `prev` is the hash before `from`. */
  read(from: number, limit: number): readonly Entry[];
  entries(after: Tip): IterableIterator<Entry>;
  /** Removes entries up to `upTo` that began before `before`, at most `limit`; returns the last removed. */
  prune(asked: { readonly upTo: number; readonly before: number; readonly limit: number }): Tip | undefined;
}

export function openTable(db: Database, chain: Chain): Table {
  const insert = db.prepare<[number, number, number | null, string, string, Uint8Array | null, Uint8Array, number]>(
    'INSERT INTO entry (seq, earliest, latest, kind, public, seal, hash, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const before = db.prepare<[number], Tip>('SELECT seq, hash, total FROM entry WHERE seq <= ? ORDER BY seq DESC LIMIT 1');
  const began = db.prepare<[number], number>('SELECT earliest FROM entry WHERE seq = ?').pluck();
  const from = db.prepare<[number, number], Row>(
    'SELECT seq, earliest, latest, kind, public, seal, hash FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?',
  );
  const all = db.prepare<[number], Row>('SELECT seq, earliest, latest, kind, public, seal, hash FROM entry WHERE seq > ? ORDER BY seq');
  const oldest = db.prepare<[number, number], Tip & { readonly earliest: number }>(
    'SELECT seq, hash, total, earliest FROM entry WHERE seq <= ? ORDER BY seq LIMIT ?',
  );
  const remove = db.prepare<[number]>('DELETE FROM entry WHERE seq <= ?');
  const hashBefore = db
    .prepare<[number, number], Uint8Array>(
      'SELECT hash FROM entry WHERE seq = ? UNION ALL SELECT pruned_hash FROM journal WHERE pruned_seq = ?',
    )
    .pluck();

  return {
    append(tip, draft) {
      const entry = drafted(chain, tip, draft);
      const total = tip.total + sizeOf(entry);
      insert.run(entry.seq, entry.earliest, entry.latest, entry.kind, entry.public, entry.seal ?? null, entry.hash, total);
      return { entry, tip: { seq: entry.seq, hash: entry.hash, total } };
    },
    tip: (seq) => before.get(seq),
    earliest: (seq) => began.get(seq),
    read(first, limit) {
      const prev = hashBefore.get(first - 1, first - 1);
      return prev ? chained(prev, from.all(first, limit)) : [];
    },
    *entries(after) {
      let prev = after.hash;
      for (const row of all.iterate(after.seq)) {
        yield entryOf(row, prev);
        prev = row.hash;
      }
    },
    prune({ upTo, before: instant, limit }) {
      const rows = oldest.all(upTo, limit);
      const young = rows.findIndex((row) => row.earliest >= instant);
      const last = young === -1 ? rows.at(-1) : rows[young - 1];
      if (last) remove.run(last.seq);
      return last;
    },
  };
}

/** @throws RangeError for facts that have no canonical JSON, a kind that is not one, or an entry beyond 32 KiB. */
function drafted(chain: Chain, tip: Tip, { kind, at, facts, seal }: Draft): Entry {
  if (!isKind(kind)) throw new RangeError(`not a kind of entry: ${kind}`);
  const seq = tip.seq + 1;
  const body = {
    seq,
    earliest: Math.max(0, Math.floor(at.earliest)),
    latest: Number.isFinite(at.latest) ? Math.ceil(at.latest) : null,
    kind,
    public: canonical(facts),
    seal: seal?.(`entry/${chain.terminal}/${chain.journal}/${seq}`),
    prev: tip.hash,
  };
  assertFits(body);
  return { ...body, hash: entryHash(chain, body) };
}

const sizeOf = (entry: Entry): number => ROW_BYTES + Buffer.byteLength(entry.public) + (entry.seal?.length ?? 0);

function chained(prev: Uint8Array, rows: readonly Row[]): readonly Entry[] {
  return rows.map((row, i) => entryOf(row, rows[i - 1]?.hash ?? prev));
}

function entryOf(row: Row, prev: Uint8Array): Entry {
  const { seq, earliest, latest, kind, hash } = row;
  return { seq, earliest, latest, kind, public: row.public, seal: row.seal ?? undefined, prev, hash };
}

/** What walking a chain found; `fault` names the first entry that does not hold and why. */
export interface Verification {
  readonly entries: number;
  readonly first: number;
  readonly last: number;
  readonly head: Uint8Array;
  readonly ok: boolean;
  readonly fault?: { readonly seq: number; readonly why: 'gap' | 'hash' };
}

/** `after`: the last entry that was pruned, or nothing and 32 zero bytes. */
export function verifyChain(chain: Chain, after: Tip, entries: Iterable<Entry>): Verification {
  let [count, seq, prev] = [0, after.seq, after.hash];
  const found = (fault?: Verification['fault']): Verification => {
    const walked = { entries: count, first: count === 0 ? 0 : after.seq + 1, last: seq, head: prev };
    return fault ? { ...walked, ok: false, fault } : { ...walked, ok: true };
  };
  for (const entry of entries) {
    if (entry.seq !== seq + 1) return found({ seq: seq + 1, why: 'gap' });
    if (!sameBytes(entryHash(chain, { ...entry, prev }), entry.hash)) return found({ seq: entry.seq, why: 'hash' });
    [count, seq, prev] = [count + 1, entry.seq, entry.hash];
  }
  return found();
}
