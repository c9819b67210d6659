/** What an append costs: entry, hash chain, seal and two rows of memory in one durable transaction, beside a bare durable 300-byte append. */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../src/contracts.js';
import { createSealer } from '../src/crypto/seal.js';
import { generateKey, kidOfPoint } from '../src/crypto/sm2.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { median, print, quantile, type Row } from './row.js';

const ROUNDS = 60;
const PER_ROUND = 20;
/** A write-ahead log that still grows is slower: it is filled once before anything is counted. */
const WARM_UP = 700;

const clock: Clock = { now: () => ({ earliest: Date.now(), latest: Date.now() + 50 }), monotonic: () => performance.now() };

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(import.meta.dirname, 'journal-'));
  const journal = openJournal({ file: join(folder, 'journal.db'), terminal: 'gate-1', clock, limit: 2 ** 30, keepDays: 30 });
  const plain = openSync(join(folder, 'plain'), 'a');
  try {
    return measure(appender(journal), () => {
      writeSync(plain, LINE);
      fdatasyncSync(plain);
    });
  } finally {
    journal.close();
    closeSync(plain);
    rmSync(folder, { recursive: true });
  }
}

const LINE = randomBytes(300);

function appender(journal: Journal): () => void {
  const { public: key } = generateKey();
  const { seal } = createSealer(key.point, kidOfPoint(key.point));
  const code = randomBytes(200);
  const facts = {
    checkpoint: 'school-1',
    clock: 'known',
    colour: 'green',
    format: 'person',
    scene: 'entry',
    station: 'north',
    trustAge: 120,
    verdict: 'admit',
  };
  let n = 0;
  return () => {
    const subject = `subject-${n++}`;
    journal.transaction((transaction) => {
      transaction.append({ kind: 'verdict', at: clock.now(), facts, seal: (context) => seal(code, context) });
      transaction.use('in', randomBytes(32), Date.now() + 300_000);
      transaction.remember('entry', subject, { direction: 'in' });
    });
  };
}

function measure(append: () => void, plain: () => void): Row[] {
  for (let i = 0; i < WARM_UP; i++) append();
  const [appends, plains]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < PER_ROUND; i++) appends.push(timed(append));
    for (let i = 0; i < PER_ROUND; i++) plains.push(timed(plain));
  }
  const row = (what: string, q: (values: readonly number[]) => number, aim?: string): Row => ({
    what,
    value: q(appends) * 1000,
    unit: 'µs',
    beside: `fdatasync of a 300-byte append, ${(q(plains) * 1000).toFixed(0)} µs`,
    ratio: q(appends) / q(plains),
    must: '≤ 2',
    ...(aim && { aim }),
  });
  return [row('journal append, p50', median, '≤ 1.35'), row('journal append, p99', (values) => quantile(values, 0.99))];
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

if (process.argv[1] === import.meta.filename) print(await bench());
