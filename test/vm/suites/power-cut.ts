/** Power cuts: what was acknowledged is there at the next boot, the chain is whole. The controls show that this test can fail. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { chanceOf } from '../chance.js';
import type { Guest } from '../guest.js';
import { PoweredDisk } from '../power.js';
import type { Lab, Suite } from '../report.js';
import type { Fact } from '../reports.js';

const CUTS = 5;
const PROGRAMS = '/opt/ankang/build/test/vm/guest';
const FILE = '/data/journal.db';

/** What the world outside knows of the journal: the last entry whose verdict was acted on. */
interface Known {
  readonly journal: unknown;
  readonly seq: number;
  readonly hash: unknown;
}

const NOTHING: Known = { journal: undefined, seq: 0, hash: undefined };

/** What `ankang journal verify` says, before anyone has opened the journal for writing again. */
async function assertVerified(guest: Guest, known: Known): Promise<void> {
  const said = JSON.parse(await guest.must(`ankang journal verify --json --journal ${FILE}`)) as { ok: boolean; last: number };
  assert.equal(said.ok, true);
  assert.ok(said.last >= known.seq, `entry ${known.seq} was acted on, the last one is ${said.last}`);
}

/** Opens the journal after a cut and goes on writing; what it found. */
async function open(guest: Guest, manner: 'look' | 'write', known: Known): Promise<Fact> {
  await guest.start('journal', 'node', `${PROGRAMS}/journal.js`, manner, FILE, String(known.seq));
  return guest.reports.next({ found: /./ }, 90_000);
}

function assertKept(found: Fact, known: Known): void {
  assert.equal(found['whole'], true, 'the chain is whole');
  assert.ok(Number(found['last']) >= known.seq, `entry ${known.seq} was acted on, the last one is ${String(found['last'])}`);
  if (known.seq === 0) return;
  assert.equal(found['found'], known.journal, 'it is the same journal');
  assert.equal(found['hash'], known.hash, 'it is the same entry');
  assert.equal(found['used'], true, 'its code cannot be used again');
}

/** What the guest has told by now; `before` where it told nothing. */
function learnt(guest: Guest, before: Known): Known {
  const journal = guest.reports.all({ found: /./ })[0]?.['found'];
  const last = guest.reports.all({ hash: /./ }).findLast((fact) => 'acknowledged' in fact);
  if (journal === undefined || !last) return before;
  return { journal, seq: Number(last['acknowledged']), hash: last['hash'] };
}

async function dies(death: Promise<void>): Promise<void> {
  const late = new AbortController();
  const over = sleep(90_000, undefined, { signal: late.signal }).then(() => Promise.reject(new Error('the disk was not written to')));
  await Promise.race([death, over]).finally(() => late.abort());
  over.catch(() => {});
}

/** Five cuts of the same journal, each after a random number of writes; the first while the file is being made. */
async function cuts(lab: Lab, chance: () => number, seed: number): Promise<void> {
  const power = new PoweredDisk(lab, 'honest', chance);
  let known = NOTHING;
  for (let cut = 1; cut <= CUTS + 1; cut++) {
    const verb = cut === 1 ? 'a new journal is cut off while it is being made' : cut <= CUTS ? `cut ${cut}` : 'the last boot';
    await lab.check(`${verb}: what was acted on before is there, the chain is whole`, async () => {
      const guest = await power.boot();
      if (known.seq > 0) await assertVerified(guest, known);
      const early = cut === 1 ? power.disk.diesAfter(1 + Math.floor(chance() * 40)) : undefined;
      if (early) await guest.start('journal', 'node', `${PROGRAMS}/journal.js`, 'write', FILE, '0');
      else assertKept(await open(guest, cut > CUTS ? 'look' : 'write', known), known);
      if (cut <= CUTS) await dies(early ?? power.disk.diesAfter(20 + Math.floor(chance() * 400)));
      const before = known;
      known = learnt(guest, known);
      const { unflushed, kept } = await power.cut();
      return `seed ${seed}, entries acted on ${before.seq} → ${known.seq}, ${kept} of ${unflushed} unflushed sectors kept`;
    });
  }
  await lab.check('the cuts met a journal at work', async () => assert.ok(known.seq > 20, `only ${known.seq} entries`));
}

async function controls(lab: Lab, chance: () => number): Promise<void> {
  await lab.check('control: a program that does not wait for the disk loses what it acknowledged', async () => {
    const power = new PoweredDisk(lab, 'honest', chance);
    const guest = await power.boot();
    await guest.start('careless', 'node', `${PROGRAMS}/careless.js`, 'write', '/data/careless.db');
    await guest.reports.next({ acknowledged: 100 });
    await power.cut();
    const next = await power.boot();
    await next.must(`node ${PROGRAMS}/careless.js count /data/careless.db`);
    const { counted } = await next.reports.next({});
    await power.cut();
    assert.ok(Number(counted) < 100, `${String(counted)} of 100 rows`);
    return `${String(counted)} of 100 rows left`;
  });
  await lab.check('control: on a disk that says it flushed and did not, the journal is found short', async () => {
    const power = new PoweredDisk(lab, 'lying', chance);
    const guest = await power.boot();
    await open(guest, 'write', NOTHING);
    await guest.reports.next({ acknowledged: 20 });
    await dies(power.disk.diesAfter(120));
    const known = learnt(guest, NOTHING);
    await power.cut();
    const found = await open(await power.boot(), 'look', known);
    await power.cut();
    assert.throws(() => assertKept(found, known), /was acted on/);
    return `${String(found['last'])} of ${known.seq} entries left`;
  });
}

export default {
  title: 'power cut',
  async run(lab) {
    const seed = Number(process.env['ANKANG_VM_SEED'] ?? Date.now() % 1_000_000);
    const chance = chanceOf(seed);
    await cuts(lab, chance, seed);
    await controls(lab, chance);
  },
} satisfies Suite;
