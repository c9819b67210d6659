/**
 * The journal of a terminal at work on a real disk: `node journal.js look|write FILE SEQ`. Reports what it finds, the entry SEQ too; then,
 * with `write`, does what a busy lane does and reports each entry that may be acted on, until the power is cut.
 */
import type { Clock } from '../../../src/contracts.js';
import { type Journal, openJournal } from '../../../src/journal/journal.js';
import { report } from './words.js';

const [manner = '', file = '', asked = '0'] = process.argv.slice(2);
const HOUR = 3_600_000;

const clock: Clock = { now: () => ({ earliest: Date.now(), latest: Date.now() + 1000 }), monotonic: () => performance.now() };

const hex = (bytes: Uint8Array | undefined): string | null => (bytes ? Buffer.from(bytes).toString('hex') : null);

/** What a single-use code is remembered by. */
function replayId(seq: number): Buffer {
  const id = Buffer.alloc(32);
  id.writeUInt32BE(seq);
  return id;
}

function look(journal: Journal, seq: number): void {
  const { ok, entries, last } = journal.verify();
  const [entry] = seq > 0 ? journal.read(seq, 1) : [];
  const { acked, journal: id } = journal;
  report({ found: id, whole: ok, entries, last, acked, hash: hex(entry?.hash), used: seq > 0 && journal.isUsed('in', replayId(seq)) });
}

/** One person: verdict, replay memory and scene memory in one transaction, as a lane writes them. */
function person(journal: Journal): void {
  const seq = journal.last + 1;
  const entry = journal.transaction((transaction) => {
    transaction.use('in', replayId(seq), Date.now() + HOUR);
    transaction.remember('entry', `subject-${seq % 50}`, { seq });
    transaction.addInside(1);
    return transaction.append({ kind: 'verdict', at: clock.now(), facts: { admit: true, filler: 'x'.repeat((seq * 37) % 700) } });
  });
  report({ acknowledged: entry.seq, hash: hex(entry.hash) });
}

/** The platform acknowledges what is ten entries old, and the minute's upkeep prunes it. */
function platform(journal: Journal): void {
  const [entry] = journal.read(journal.last - 10, 1);
  if (!entry || entry.seq <= journal.acked) return;
  const ack = {
    terminal: journal.terminal,
    journal: Buffer.from(journal.journal, 'hex'),
    seq: entry.seq,
    hash: entry.hash,
    issued: Date.now(),
  };
  if (journal.acknowledge(ack, journal.last) !== 'taken') throw new Error(`the acknowledgement of ${entry.seq} was not taken`);
}

const journal = openJournal({ file, terminal: 'vm-terminal', clock, limit: 32 << 20, keepDays: 0 });
look(journal, Number(asked));
if (manner === 'look') journal.close();
else
  for (let turn = 1; ; turn++) {
    person(journal);
    if (turn % 7 === 0) platform(journal);
    if (turn % 40 === 0) journal.upkeep(clock.now());
  }
