/**
 * SEC-03 and quality.md, personal data: a day of synthetic life at a terminal, and afterwards nobody of it is anywhere: not on its disk, in its
 * logs, on its pages, at its broker, in the browser's profile, nor, after each visit, in its memory.
 *
 * ANKANG_VISITS=10000 plays so many visits (npm run soak); otherwise every script that goes through once.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import t from 'tap';
import { DEMO_DRUGS, DEMO_SURVEY } from '../src/cli/_demo-data.js';
import type { Cbor } from '../src/crypto/cbor.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { generateKey, kidOfPoint } from '../src/crypto/sm2.js';
import { inspectJournal } from '../src/journal/inspect.js';
import { effectOf, makeRequest, readRequest } from '../src/messages/request.js';
import type { Verify } from '../src/messages/signed.js';
import { demoItems } from '../src/platform/affairs/catalogue.js';
import { SYNTHETIC_POLICIES } from '../src/platform/enterprises.js';
import { signingIssuer } from '../src/platform/orders.js';
import { isDeskScene, loadScene, sceneNames } from '../src/station/scene.js';
import { createRequests } from '../src/uplink/requests.js';
import { NO_MOSQUITTO } from './mosquitto.js';
import { scriptedCounty, TERMINAL } from './privacy-county.js';
import { type Played, somebody } from './privacy-people.js';
import { type Hit, type Needle, needlesOf, searchFor } from './privacy-search.js';
import { DESK, startTerminalProcess } from './privacy-terminal.js';
import { type Day, passGates, playVisit } from './privacy-visits.js';
import { BROWSER, CHROMIUM } from './screens.js';
import type { Script, Scripts } from './scripts/_script.js';

const VISITS = Number(process.env['ANKANG_VISITS'] ?? 0);
/** Every scene is gone through once; more of its scripts only as long as this lasts, and half as long the memory is looked at. */
const BOX_MS = 30_000;
t.setTimeout(VISITS ? VISITS * 2000 : 400_000);

const valuesOf = (who: Played): readonly Needle[] => Object.entries(who).flatMap(([of, value]) => needlesOf(of, value as string));

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** `of form in where`, each once. */
const told = (hits: readonly Hit[], where: string): readonly string[] => [
  ...new Set(hits.map(({ of, form }) => `${of} as ${form} in ${where}`)),
];

t.test('the search finds a planted value in every form, wherever it begins', (t) => {
  const who = somebody();
  const others = Array.from({ length: 20 }, somebody);
  const search = searchFor([who, ...others].flatMap(valuesOf));
  for (const { of, form, bytes } of valuesOf(who)) {
    const hay = Buffer.concat([Buffer.alloc(37, 0x41), bytes, Buffer.alloc(5, 0x42)]);
    if (!search(hay).some((hit) => hit.of === of)) t.fail(`${of} as ${form} is not found`);
    hay[37 + (bytes.length >> 1)] = (hay[37 + (bytes.length >> 1)] ?? 0) ^ 1;
    if (search(hay).some((hit) => hit.at === 37 && hit.form === form)) t.fail(`${of} as ${form} is found where it is not`);
  }
  for (const before of ['', 'x', 'xy']) {
    const record = Buffer.from(`${before}${JSON.stringify(who)}`);
    const base64 = Buffer.from(record.toString('base64'));
    for (const of of Object.keys(who))
      t.ok(
        search(base64).some((hit) => hit.of === of),
        `${of} inside base64, ${before.length} bytes on`,
      );
  }
  t.same(search(Buffer.from(JSON.stringify(others.map(() => somebody())))), [], 'and strangers are not');
  t.end();
});

t.test('a question that names somebody is sealed: the platform reads it, the broker does not, and nobody else can', (t) => {
  const who = somebody();
  const search = searchFor(valuesOf(who));
  const [signs, seals, stranger] = [generateKey(), generateKey(), generateKey()];
  const kid = kidOfPoint(seals.public.point);
  const id = Uint8Array.from(randomBytes(16));
  const body = new Map<string, Cbor>([['contact', new Map([['name', who.name]])]]);
  const asked = { terminal: TERMINAL, id, operation: 'clinic/admit', deadline: 99, body, replyKey: undefined };
  const signer = { kid: kidOfPoint(signs.public.point), sign: signs.sign };
  const verify: Verify = (_kid, _typ, message, signature) => signs.public.verify(message, signature);
  const sealer = createSealer(seals.public.point, kid);
  const { bytes } = makeRequest(asked, signer, sealer);
  t.same(search(bytes), []);
  t.not(search(makeRequest(asked, signer).bytes).length, 0, 'unsealed it would be found');
  const read = readRequest(bytes, verify, createOpener(seals.scalar(), kid));
  if (typeof read === 'string') throw new Error(read);
  t.same(read.body, body);
  const again = readRequest(makeRequest(asked, signer, sealer).bytes, verify, createOpener(seals.scalar(), kid));
  if (typeof again === 'string') throw new Error(again);
  t.same(effectOf(again), effectOf(read), 'sealed anew it is the same request');
  t.equal(readRequest(bytes, verify, createOpener(stranger.scalar(), kid)), 'unreadable');
  t.equal(readRequest(bytes, verify), 'unreadable');
  t.end();
});

t.test('without the platform’s key nothing that names somebody is asked', async (t) => {
  const signs = generateKey();
  const sent: unknown[] = [];
  const requests = createRequests({
    region: '341525',
    terminal: TERMINAL,
    broker: { connected: true, publish: (message) => void sent.push(message) },
    signer: { kid: kidOfPoint(signs.public.point), sign: signs.sign },
    sealer: () => undefined,
    verify: () => false,
    clock: { now: () => ({ earliest: Date.now(), latest: Date.now() }), monotonic: () => performance.now() },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await t.rejects(requests.ask('identity/release', null, { deadlineMs: 1000, sealed: true }), { code: 'offline' });
  t.same(sent, []);
});

/** A lane knows who was admitted last for a minute, for guardians and drivers, and looks once a minute whether that is over. */
const longGone = (passers: readonly { readonly who: Played; readonly at: number }[]): readonly Played[] =>
  passers.filter(({ at }) => performance.now() - at > 125_000).map(({ who }) => who);

interface Playing {
  readonly scene: string;
  readonly script: Script;
}

/** What stands in for the machine around a desk is as it is here: papers come out, the computer takes what it is told, the data is the day's. */
const fits = ({ printer, hands, data, answers, kept }: Script): boolean =>
  (printer === undefined || printer === 'printed') &&
  !hands?.includes(false) &&
  data === undefined &&
  !answers?.includes('silent') &&
  kept === undefined;

async function everyScript(): Promise<{ readonly scenes: { scene: string; settings: unknown }[]; readonly plays: Playing[] }> {
  const scenes: { scene: string; settings: unknown }[] = [];
  const plays: Playing[] = [];
  for (const scene of sceneNames()) {
    const loaded = await loadScene(scene);
    if (!loaded || !isDeskScene(loaded)) continue;
    const { settings, scripts } = ((await import(join(import.meta.dirname, 'scripts', `${scene}.js`))) as { default: Scripts }).default;
    scenes.push({ scene, settings });
    plays.push(...scripts.filter(fits).map((script) => ({ scene, script })));
  }
  // Not always the same are looked at first. A scene's own order is kept: one script sells what another took in.
  const chosen = scenes[randomInt(scenes.length)]?.scene;
  const first = plays.findIndex(({ scene }) => scene === chosen);
  return { scenes, plays: [...plays.slice(first), ...plays.slice(0, first)] };
}

const skip = NO_MOSQUITTO || (existsSync('/usr/bin/socat') ? false : 'apt-get install socat');

t.test('a day of synthetic life leaves nobody behind', { skip }, async (t) => {
  // Short: a unix socket's path has room for 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'ankang-d-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const seen = join(folder, 'seen');
  mkdirSync(seen);
  const { scenes, plays } = await everyScript();
  t.comment(`it begins with ${plays[0]?.scene}`);
  const data = { drugs: DEMO_DRUGS, survey: DEMO_SURVEY, items: demoItems(), policies: SYNTHETIC_POLICIES };
  const county = await scriptedCounty(t, { folder, data, seen: join(seen, 'broker') });
  const terminal = await startTerminalProcess(t, { folder, seen, county, scenes });
  for (let view = await terminal.view(); !view.online || view.desks[0]?.screen !== 'serving'; view = await terminal.view()) await sleep(50);

  const profile = join(folder, 'profile');
  const browser = existsSync(CHROMIUM) ? await chromium.launchPersistentContext(profile, BROWSER) : undefined;
  t.teardown(() => browser?.close());
  const tab = browser?.pages()[0];
  await tab?.goto(`${terminal.url}/?station=${DESK}`);
  // A page that is opened ends whatever stood there before.
  await tab?.waitForSelector('#desks button');
  await sleep(500);
  const day: Day = { terminal, county, issuer: await signingIssuer(county.store, county.keys, Date.now()), tab };

  const people: Played[] = [];
  const done = new Map<string, number>();
  const astray = new Map<string, string>();
  const remains: string[] = [];
  let looking = 0;
  const passers: { readonly who: Played; readonly at: number }[] = [];
  const begun = performance.now();
  const visits = VISITS || plays.length;
  const looks = new Set<string>();
  for (let n = 0; n < visits; n++) {
    const play = plays[n % plays.length];
    if (!play) break;
    if (!VISITS && done.has(play.scene) && performance.now() - begun > BOX_MS) continue;
    const who = somebody();
    people.push(who);
    const ended = await playVisit(day, play.scene, { who, script: play.script });
    await terminal.notePages();
    if (ended === 'done') done.set(play.scene, (done.get(play.scene) ?? 0) + 1);
    else astray.set(`${play.scene}: ${play.script.name}`, ended);
    if (n % 20 === 0) {
      const passer = somebody();
      await passGates(day, passer);
      passers.push({ who: passer, at: performance.now() });
    }
    const due = VISITS ? n % 100 === 0 : !looks.has(play.scene) && ended === 'done' && looking < BOX_MS / 2;
    if (!due) continue;
    looks.add(play.scene);
    const lookedAt = performance.now();
    const search = searchFor([...people.slice(-50), ...longGone(passers)].flatMap(valuesOf));
    const { strings, bytes } = await terminal.memory();
    remains.push(
      ...told(search(Buffer.from(strings.join('\n'))), `a string after ${play.scene}`),
      ...told(search(bytes), `bytes after ${play.scene}`),
    );
    looking += performance.now() - lookedAt;
  }
  people.push(...passers.map(({ who }) => who));
  const seconds = Math.round((performance.now() - begun) / 1000);
  t.comment(
    `${people.length} visits in ${seconds} s, ${looks.size} scenes looked for in the memory; ${astray.size} scripts went another way`,
  );
  for (const [script, why] of astray) t.comment(`${script}: ${why}`);
  for (const { scene } of scenes) t.ok(done.get(scene), `${scene} was gone through`);
  t.same(remains, [], 'nobody can be reached in the memory of the process after the visit');

  await terminal.notePages();
  await browser?.close();
  await sleep(500);
  await terminal.kill();
  const journal = inspectJournal(join(folder, 'state/journal.db'));
  const entries = [...journal.entries()];
  journal.close();
  t.ok(
    entries.some(({ seal }) => seal),
    'something was sealed',
  );
  const places = [join(folder, 'state'), seen, ...(browser ? [profile] : [])];
  const files = places.flatMap(filesUnder);
  const found = new Set<string>();
  let searched = 0;
  for (let from = 0; from < people.length; from += 500) {
    const search = searchFor(people.slice(from, from + 500).flatMap(valuesOf));
    for (const file of files) {
      const bytes = readFileSync(file);
      searched += bytes.length;
      for (const hit of told(search(bytes), file.slice(folder.length))) found.add(hit);
    }
    for (const { public: text, seal } of entries)
      for (const hit of told(search(Buffer.concat([Buffer.from(text), seal ?? Buffer.alloc(0)])), 'an entry')) found.add(hit);
  }
  t.comment(`${people.length} people, ${files.length} files, ${Math.round(searched / 1e6)} MB searched`);
  t.same([...found], [], 'nobody is on the disk, in logs, on pages, at the broker or in the profile');
});
