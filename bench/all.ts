/** `npm run bench`: every bench of this folder, each in a process of its own, in one table, with what must hold and by how much it does not. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { line, type Row } from './row.js';

const NOT_BENCHES = new Set(['all.js', 'row.js']);
const LONGEST_MS = 180_000;

interface Outcome {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly failed?: string;
}

/** Of the compiled folder; a leading _ is a part of others. */
function names(): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.js') && !file.startsWith('_') && !NOT_BENCHES.has(file))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

/** In a process of its own, so that one bench's heap is not another's. */
async function run(name: string): Promise<Outcome> {
  const child = fork(import.meta.filename, ['--one', name], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: process.execArgv });
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let rows: readonly Row[] = [];
  child.on('message', (message) => (rows = message as readonly Row[]));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(late);
  return code === 0 && rows.length > 0 ? { name, rows } : { name, rows, failed: signal ?? `exit ${code}` };
}

async function one(name: string): Promise<void> {
  const { bench } = (await import(join(import.meta.dirname, `${name}.js`))) as { bench: () => Promise<readonly Row[]> };
  process.send?.(await bench(), () => process.exit());
}

/** A bar is about the value where it names a unit, about the ratio where it does not: `≤ 45 MB`, `≥ 0.8`. */
function holds({ value, ratio, must }: Row): boolean {
  const [, sign, limit, unit] = /^([≤<≥]) ?([\d.]+) ?(.*)$/.exec(must ?? '') ?? [];
  const measured = unit && unit !== '×' ? value : ratio;
  if (sign === undefined) throw new Error(`what does "${must ?? ''}" mean?`);
  return sign === '≥' ? measured >= Number(limit) : sign === '≤' ? measured <= Number(limit) : measured < Number(limit);
}

async function all(): Promise<void> {
  const wanted = process.argv.slice(2);
  const outcomes: Outcome[] = [];
  for (const name of names()) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    outcomes.push(await run(name));
  }
  const rows = outcomes.flatMap((outcome) => outcome.rows);
  const bars = rows.filter(({ must }) => must !== undefined);
  const missed = bars.filter((row) => !holds(row));
  const failed = outcomes.filter((outcome) => outcome.failed !== undefined);
  const [cpu] = cpus();
  const machine = { node: process.version, arch: process.arch, cpu: cpu?.model ?? 'unknown', cores: cpus().length };
  for (const row of rows) console.log(line(row));
  const met = `${bars.length - missed.length} of ${bars.length} musts are met`;
  console.log(`\n${met} (${machine.cpu}, ${machine.cores} cores, Node ${machine.node})`);
  for (const row of missed) console.log(`not met: ${line(row)}`);
  for (const { name, failed: why } of failed) console.log(`did not run: ${name} (${why ?? ''})`);
  console.log(JSON.stringify({ machine, missed: missed.map(({ what }) => what), failed: failed.map(({ name }) => name), bench: rows }));
  process.exitCode = failed.length > 0 ? 1 : 0;
}

await (process.argv[2] === '--one' ? one(process.argv[3] ?? '') : all());
