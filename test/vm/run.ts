/** Runs the suites in the virtual machine: `node run.js --images FOLDER [--minutes N] [SUITE…]`; run.sh is the way in. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Guest, killAll, type Machine } from './guest.js';
import { type Lab, type Suite, Tally } from './report.js';
import { readyMachine } from './snapshot.js';

const { values, positionals } = parseArgs({
  options: { images: { type: 'string' }, minutes: { type: 'string', default: '12' } },
  allowPositionals: true,
});

const suiteFolder = new URL('suites/', import.meta.url);

async function suites(names: readonly string[]): Promise<Suite[]> {
  const files = readdirSync(suiteFolder)
    .filter((file) => file.endsWith('.js'))
    .sort();
  const unknown = names.filter((name) => !files.includes(`${name}.js`));
  if (unknown.length > 0) throw new Error(`no suite ${unknown.join(', ')}; there are ${files.map((file) => file.slice(0, -3)).join(', ')}`);
  const chosen = names.length === 0 ? files : names.map((name) => `${name}.js`);
  return Promise.all(chosen.map(async (file) => ((await import(new URL(file, suiteFolder).href)) as { default: Suite }).default));
}

async function runSuite(suite: Suite, tally: Tally, place: { machine: Machine; images: string; folder: string }): Promise<void> {
  let running: Guest | undefined;
  const lab: Lab = {
    folder: place.folder,
    check: (name, body) => tally.check(`${suite.title}: ${name}`, body),
    skip: (name, why) => tally.skip(`${suite.title}: ${name}`, why),
    async guest() {
      await running?.off();
      const guest = await Guest.restore(place.machine);
      running = guest;
      await guest.plug('app', { driver: 'file', filename: join(place.images, 'app.ext4'), 'read-only': true });
      await guest.must('mount -t ext4 -o ro /dev/disk/by-id/virtio-app /opt/ankang');
      return guest;
    },
  };
  try {
    await suite.run(lab);
  } catch (error) {
    await tally.check(`${suite.title}: the suite comes to its end`, () => Promise.reject(error));
  } finally {
    await running?.off();
  }
}

async function main(images: string, tally: Tally): Promise<void> {
  const folder = join(images, 'run');
  mkdirSync(folder, { recursive: true });
  const chosen = await suites(positionals);
  const { machine, made } = await readyMachine(images, folder);
  tally.note(made ? 'booted, snapshot taken' : 'snapshot kept from an earlier run');
  for (const suite of chosen) await runSuite(suite, tally, { machine, images, folder });
  rmSync(folder, { recursive: true, force: true });
}

function finish(tally: Tally): never {
  killAll();
  tally.note('end');
  console.log(tally.summary());
  process.exit(tally.failed === 0 && tally.passed > 0 ? 0 : 1);
}

const tally = new Tally();
const late = setTimeout(() => {
  tally.failed++;
  console.log(`not ok - the time of ${values.minutes} minutes is over`);
  finish(tally);
}, Number(values.minutes) * 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => finish(tally));

try {
  if (values.images === undefined) throw new Error('--images FOLDER is missing');
  await main(values.images, tally);
} catch (error) {
  await tally.check('the machine comes up', () => Promise.reject(error));
}
clearTimeout(late);
finish(tally);
