/** Looking at a journal file without writing it, while a daemon may: what `ankang journal` does. */
import Sqlite from 'better-sqlite3';
import type { Chain, Entry } from '../messages/entry.js';
import { openTable, type Tip, type Verification, verifyChain } from './chain.js';
import { guarded, JournalError, journalFault } from './error.js';
import { openForReading } from './file.js';

export interface Inspection extends Chain {
  readonly acked: number;
  readonly last: number;
  kept(name: string): number | string | undefined;
  /** A chain that ends before what was acknowledged has lost its end: a gap after its last entry. */
  verify(): Verification;
  /** Every entry that is still there, oldest first. */
  entries(): Iterable<Entry>;
  /** The last entries, oldest of them first. */
  tail(count: number): readonly Entry[];
  close(): void;
}

interface Row {
  readonly id: Buffer;
  readonly terminal: string;
  readonly acked: number;
  readonly pruned_seq: number;
  readonly pruned_hash: Uint8Array;
  readonly pruned_total: number;
}

/** @throws JournalError */
export function inspectJournal(file: string): Inspection {
  const db = openForReading(file);
  return guarded(() => {
    try {
      // One snapshot: what a daemon appends meanwhile does not show.
      db.exec('BEGIN');
      const one = db.prepare<[], Row>('SELECT id, terminal, acked, pruned_seq, pruned_hash, pruned_total FROM journal').get();
      if (!one) throw new JournalError('corrupt', 'the file names no journal');
      const chain: Chain = { terminal: one.terminal, journal: one.id.toString('hex') };
      const pruned: Tip = { seq: one.pruned_seq, hash: one.pruned_hash, total: one.pruned_total };
      const table = openTable(db, chain);
      const last = table.tip(Number.MAX_SAFE_INTEGER)?.seq ?? pruned.seq;
      return {
        ...chain,
        acked: one.acked,
        last,
        kept: (name) => db.prepare<[string], { value: number | string }>('SELECT value FROM kept WHERE name = ?').get(name)?.value,
        verify: () => guarded(() => reaching(one.acked, verifyChain(chain, pruned, table.entries(pruned)))),
        entries: () => table.entries(pruned),
        tail: (count) => table.read(Math.max(pruned.seq, last - count) + 1, count),
        close: () => db.close(),
      };
    } catch (error) {
      db.close();
      throw asJournal(error);
    }
  });
}

const reaching = (acked: number, found: Verification): Verification =>
  found.ok && found.last < acked ? { ...found, ok: false, fault: { seq: found.last + 1, why: 'gap' } } : found;

/** What every schema of ours answers, another file does not: an empty one, or a database of somebody else. */
function asJournal(error: unknown): unknown {
  const strange = error instanceof Sqlite.SqliteError && error.code === 'SQLITE_ERROR';
  return strange ? new JournalError('corrupt', `the file is no journal (${error.message})`, error) : journalFault(error);
}

/** An entry as a line of the export: `public` as a value, the seal in base64, hashes in hex. */
export function lineOf(entry: Entry): string {
  const { seq, earliest, latest, kind, seal, prev, hash } = entry;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const sealed = seal === undefined ? null : `"${Buffer.from(seal).toString('base64')}"`;
  return (
    `{"seq":${seq},"earliest":${earliest},"latest":${latest},"kind":"${kind}","public":${entry.public},` +
    `"seal":${sealed},"prev":"${hex(prev)}","hash":"${hex(hash)}"}`
  );
}
