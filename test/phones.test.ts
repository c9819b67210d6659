/** Venue codes in the hands of phones: the county's page, its records, the notices that the counter hears, and everything that only looks like one. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { chromium } from 'playwright-core';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { createWorkbench, type Workbench } from '../src/cli/_workbench.js';
import { loadConfiguration } from '../src/configuration.js';
import type { Clock, DeskState, Json, Log, Notice } from '../src/contracts.js';
import { generateKey, kidOfPoint } from '../src/crypto/sm2.js';
import { openJournal } from '../src/journal/journal.js';
import { startTerminal, type Terminal } from '../src/main.js';
import type { VenueClaims } from '../src/messages/claims.js';
import { makeNotice, NOTICE_LIFE, readNotice, type SignedNotice } from '../src/messages/notice.js';
import type { Signer } from '../src/messages/signed.js';
import { topicOf } from '../src/messages/topics.js';
import { makeVenueCode } from '../src/messages/venue.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { type County, startCounty, storePath } from '../src/platform/county.js';
import type { CountyKeys } from '../src/platform/keys.js';
import { meetingReports } from '../src/platform/meetings.js';
import { addTerminal, putOnList, revokeCode, setColour, setData, setUp, strikeTerminal } from '../src/platform/orders.js';
import { html } from '../src/platform/phones/markup.js';
import { createRate } from '../src/platform/phones/rate.js';
import { type SimulatedPhone, simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import { openStore } from '../src/platform/sqlite.js';
import type { CountyStore } from '../src/platform/store.js';
import { writeTerminalKit } from '../src/platform/terminal-kit.js';
import { createNotices, type Notices } from '../src/uplink/notices.js';
import { createMosquitto, type Mosquitto, NO_MOSQUITTO, pems } from './mosquitto.js';
import { BROWSER, CHROMIUM } from './screens.js';

const REGION = '341525';
const DESK = 'DESK-1';
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const seconds = (): number => Math.floor(Date.now() / 1000);
const id16 = (): Uint8Array => Uint8Array.from(randomBytes(16));
const stranger = generateKey();
const forger: Signer = { kid: kidOfPoint(stranger.public.point), sign: stranger.sign };

/** Waits until it is so; the test's own time limit is the limit. */
async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await sleep(10);
  }
}

const DRUGS = {
  version: 3,
  classes: [
    { id: 'fever', name: { zh: '退热药', en: 'Fever medicines' }, unit: { zh: '盒', en: 'boxes' }, most: 3, days: 7 },
    { id: 'cold', name: { zh: '感冒药', en: 'Cold medicines' }, unit: { zh: '盒', en: 'boxes' }, most: 2, days: 7, purpose: true },
  ],
  medicines: [],
};

// ── a phone without a script: what its browser would send ───────────────────────────────────────────────────────────

interface Opened {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

interface Visiting extends Opened {
  readonly visit: string;
  readonly proof: string;
  readonly cookie: string;
  send(values: Readonly<Record<string, string>>, change?: Readonly<Record<string, string>>): Promise<Opened>;
}

const pathOf = (code: string): string => code.replace(/^HTTPS?:\/\/[^/]+/, '');
const hidden = (text: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';

let addresses = 0;
/** Each from an address of its own, unless the test says. */
async function open(base: string, code: string, change: Readonly<Record<string, string>> = {}): Promise<Visiting> {
  const headers = { 'x-forwarded-for': `198.51.100.${++addresses}`, ...change };
  const url = base + pathOf(code);
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  const cookie = /phone=[^;]*/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? '';
  const [visit, proof] = [hidden(text, 'visit'), hidden(text, 'proof')];
  const send: Visiting['send'] = async (values, other = {}) => {
    const body = new URLSearchParams({ visit, proof, ...values }).toString();
    const sent = { 'content-type': 'application/x-www-form-urlencoded', origin: base, cookie, ...headers, ...other };
    const response = await fetch(url, { method: 'POST', headers: sent, body });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { status: answer.status, text, headers: answer.headers, visit, proof, cookie, send };
}

const numberIn = (text: string): string => /<strong>([^<]*)</.exec(text)?.[1] ?? '';

// ── a county with its page, and terminals' keys ─────────────────────────────────────────────────────────────────────

interface Place {
  readonly folder: string;
  readonly keys: CountyKeys;
  readonly store: CountyStore;
  readonly broker: Mosquitto | undefined;
  county: County;
  url(): string;
  phone(number: number): Promise<SimulatedPhone>;
  code(change?: Partial<VenueClaims>, signer?: Signer): string;
}

async function newPlace(test: Test, withBroker: boolean): Promise<Place> {
  // Short: a unix socket's path has room for 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'ankang-v-'));
  const cleaning: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  test.teardown(async () => {
    for (const clean of cleaning.toReversed()) await clean();
  });
  const names = [DESK, 'DESK-2'];
  const keys = holdCeremony({ folder: join(folder, 'county'), now: Date.now() - 3_600_000, region: REGION, terminals: names });
  const store = openStore(storePath(keys.folder));
  cleaning.push(() => store.close());
  await setUp(store, keys);
  for (const id of names) {
    const { sign, open } = keys.terminal(id);
    await addTerminal(store, { id, checkpoint: `CP-${id}`, site: 'S', sign: sign.spki, open: open.spki, region: false });
  }
  await setData(store, 'drugs', DRUGS);
  const broker = withBroker ? await createMosquitto({ folder: join(folder, 'broker'), region: REGION, terminals: names }) : undefined;
  await broker?.start();
  cleaning.push(() => broker?.stop('SIGKILL'));
  const county = await startCounty({
    folder: keys.folder,
    broker: broker ? { url: broker.url, ...pems(broker.tls('county')) } : { embedded: { port: 0 } },
    phones: { port: 0 },
    now: () => Date.now(),
    log: quiet,
  });
  cleaning.push(() => county.stop());
  return {
    folder,
    keys,
    store,
    broker,
    county,
    url: () => county.phonesUrl ?? '',
    phone: async (number) => simulatedPhone({ store, keys }, await syntheticResident(keys, number)),
    code(change = {}, signer = keys.terminal(DESK).sign) {
      const issued = seconds() - 10;
      const claims = { region: REGION, checkpoint: `CP-${DESK}`, scene: 'checkpoint', title: '霍山县医院', issued, expires: issued + 600 };
      return makeVenueCode(signer, 'phones.example', { ...claims, codeId: Uint8Array.from(randomBytes(8)), ...change });
    },
  };
}

let seq = 0;
/** As the register of the county would have it from a desk. */
async function recorded(
  store: CountyStore,
  kind: string,
  facts: Readonly<Record<string, Json>>,
  of: { at?: number; subject?: string } = {},
) {
  const position = { terminal: DESK, journal: 'a1b2000000000000', seq: ++seq };
  await store.record([{ ...position, kind, at: of.at ?? Date.now() - 1000, subject: of.subject ?? null, facts, personal: null }], position);
  return `A1B2-${position.seq}`;
}

t.setTimeout(120_000);

t.test('the page and its records', async (t) => {
  const place = await newPlace(t, false);
  const { store } = place;
  const ann = await place.phone(1);
  const fresh = (): Promise<string> => ann.screen(Date.now());

  await t.test('every bad code has its own page in both languages, and nothing of it is shown', async (t) => {
    const title = '<b>不可信</b>';
    const day = 86_400;
    const past = { issued: seconds() - 2 * day, expires: seconds() - day };
    const bad: readonly (readonly [string, string, number, RegExp])[] = [
      ['text', '/V/!!', 400, /读不出来.*cannot be read/s],
      ['too long', `/V/${'A'.repeat(1500)}`, 400, /读不出来/],
      ['a stranger', place.code({ title }, forger), 404, /本县没有这台终端.*No terminal/s],
      ['forged', place.code({ title }, { kid: place.keys.terminal(DESK).sign.kid, sign: stranger.sign }), 403, /伪造.*forged/s],
      ['for another place', place.code({ title, checkpoint: 'CP-X' }), 403, /伪造/],
      ['of another region', place.code({ title, region: '110101' }), 403, /伪造/],
      ['past', place.code({ title, ...past }), 410, /已经过期.*expired/s],
      ['to come', place.code({ title, issued: seconds() + day, expires: seconds() + 2 * day }), 403, /还没有生效/],
      ['of no scene for phones', place.code({ title, scene: 'survey' }), 404, /不用手机登记/],
      ['a batch that is nobody’s', place.code({ title, scene: 'market' }), 409, /没有写明批次/],
      ['an event nobody told of', place.code({ title, scene: 'meeting', event: 'e-0' }), 409, /门口签到.*at the door/s],
    ];
    for (const [what, code, status, reads] of bad) {
      const seen = await open(place.url(), code);
      t.equal(seen.status, status, what);
      t.match(seen.text, reads, what);
      t.notMatch(seen.text, /不可信/, what);
    }
    t.match(await open(place.url(), '/other'), { status: 404, text: /没有这个页面/ });
  });

  await t.test('nothing from elsewhere runs, frames, sends or is kept', async (t) => {
    const seen = await open(place.url(), place.code({ title: '"><script>alert(1)</script>' }));
    t.equal(seen.status, 200);
    t.match(seen.text, /&quot;&gt;&lt;script&gt;/);
    t.notMatch(seen.text, /<script/);
    t.match(seen.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
    t.equal(seen.headers.get('x-frame-options'), 'DENY');
    t.equal(seen.headers.get('cache-control'), 'no-store');
    t.match(seen.headers.get('set-cookie'), /HttpOnly.*SameSite=Strict/);
    const behind = await open(place.url(), place.code(), { 'x-forwarded-proto': 'https' });
    t.match(behind.headers.get('set-cookie'), /Secure/);
    t.equal(html`<p>${'<&"\''}</p>`.text, '<p>&lt;&amp;&quot;&#39;</p>');
    const who = await fresh();
    const other = await open(place.url(), place.code());
    const stale = { status: 403, text: /页面已失效/ };
    t.match(await seen.send({ who }, { origin: 'https://elsewhere.example' }), stale, 'another origin');
    t.match(await seen.send({ who }, { 'sec-fetch-site': 'cross-site' }), stale);
    t.match(await seen.send({ who }, { cookie: '' }), stale, 'another browser');
    t.match(await seen.send({ who }, { cookie: other.cookie }), stale);
    t.match(await seen.send({ who, visit: other.visit, proof: other.proof }), stale, 'a visit of another code');
    t.match(await seen.send({ who, proof: 'A'.repeat(22) }), stale);
    t.match(await seen.send({ who }, { 'content-type': 'text/plain' }), stale);
    t.match(await seen.send({ who: 'x'.repeat(9000) }), { status: 413, text: /过长/ });
    t.same(await store.recorded({ kind: 'checkpoint-visit' }), []);
  });

  await t.test('who it is is proved by a code of this very moment', async (t) => {
    const seen = await open(place.url(), place.code());
    const refused = { status: 422, text: /不能证明您是谁/ };
    t.match(await seen.send({ who: 'AK1:NONSENSE' }), refused);
    t.match(await seen.send({ who: '' }), refused);
    t.match(await seen.send({ who: await ann.screen(Date.now() - 120_000) }), refused, 'expired');
    t.match(await seen.send({ who: await ann.paper(Date.now()) }), refused, 'paper is not seen by anybody here');
    const red = await place.phone(2);
    await setColour(store, red.resident.subject, 'red');
    t.match(await seen.send({ who: await red.screen(Date.now()) }), { status: 422, text: /状态不能在此登记/ });
    const who = await fresh();
    const done = await seen.send({ who });
    t.match(done, { status: 200, text: /登记成功/ });
    t.match(await seen.send({ who }), { status: 200, text: new RegExp(`已登记过.*${numberIn(done.text)}`, 's') }, 'sent twice');
    t.match(await (await open(place.url(), place.code())).send({ who }), { status: 422, text: /刚登记过/ }, 'one code, one registration');
    const moment = await (await open(place.url(), place.code())).send({ who: await ann.moment(Date.now()) });
    t.equal(moment.status, 200, 'a moment made offline by the phone');
    const [record, ...rest] = await store.recorded({ kind: 'checkpoint-visit' });
    t.match(record, {
      terminal: DESK,
      subject: ann.resident.subject,
      facts: { by: 'phone', scene: 'checkpoint', checkpoint: `CP-${DESK}` },
    });
    t.equal(rest.length, 1);
  });

  await t.test('a revoked code registers nothing', async (t) => {
    const who = await fresh();
    const { decodeBase45 } = await import('../src/crypto/base45.js');
    const { parseSign1 } = await import('../src/crypto/cose.js');
    const { decodePerson } = await import('../src/messages/claims.js');
    const claims = decodePerson(parseSign1(decodeBase45(Buffer.from(who), 4) ?? new Uint8Array())?.payload ?? new Uint8Array());
    await revokeCode(store, 'code', Buffer.from(claims?.codeId ?? []).toString('hex'));
    t.match(await (await open(place.url(), place.code())).send({ who }), { status: 422, text: /不能证明您是谁/ });
  });

  await t.test('medicine within its limit, whoever registered it before', async (t) => {
    const code = place.code({ scene: 'pharmacy', title: '药品购买登记' });
    const buy = async (values: Readonly<Record<string, string>>) => (await open(place.url(), code)).send({ who: await fresh(), ...values });
    t.match(await buy({ class: 'fever', quantity: '9' }), { status: 422, text: /须为 1 到 3 的整数/ });
    t.match(await buy({ class: 'opium', quantity: '1' }), { status: 422, text: /请选择一项/ });
    t.match(await buy({ class: 'cold', quantity: '1' }), { status: 422, text: /须填写用途/ });
    t.match(await buy({ class: 'cold', quantity: '1', purpose: 'self' }), { status: 200, text: /付款取药/ });
    await recorded(store, 'drug-sale', { class: 'fever', quantity: 1 }, { subject: ann.resident.subject });
    await recorded(store, 'drug-sale', { class: 'fever', quantity: 9 }, { subject: (await place.phone(3)).resident.subject });
    t.match(await buy({ class: 'fever', quantity: '3' }), { status: 422, text: /最多还可登记 2/ });
    const [one, two] = await Promise.all([buy({ class: 'fever', quantity: '2' }), buy({ class: 'fever', quantity: '2' })]);
    t.same(
      [one.status, two.status].sort((a, b) => a - b),
      [200, 422],
      'two at once do not pass the limit together',
    );
    t.match(await buy({ class: 'fever', quantity: '1' }), { status: 422, text: /已到限量/ });
    const sold = (await store.recorded({ kind: 'drug-sale', subject: ann.resident.subject })).filter(
      ({ facts }) => facts['by'] === 'phone',
    );
    t.match(sold, [
      { facts: { class: 'cold', quantity: 1, version: 3 }, personal: { purpose: 'self' } },
      { facts: { class: 'fever', quantity: 2 } },
    ]);
  });

  await t.test('in and out of a meeting, for those whom the county knows to be invited', async (t) => {
    const event = 'spring-1';
    await recorded(store, 'meeting-event', {
      event,
      title: '春耕动员会',
      place: '礼堂',
      from: seconds(),
      until: seconds() + 3600,
      who: 'list',
    });
    const code = place.code({ scene: 'meeting', event, title: '春耕动员会' });
    const sign = async (does: string) => (await open(place.url(), code)).send({ who: await fresh(), does });
    t.match(await sign('in'), { status: 422, text: /不在县平台的名单上/ });
    await putOnList(store, `event.${event}`, [ann.resident.subject]);
    t.match(await sign('out'), { status: 422, text: /还没有签到/ });
    t.match(await sign('in'), { status: 200, text: /签到成功/ });
    t.match(await sign('in'), { status: 422, text: /已经签到/ });
    t.match(await sign('out'), { status: 200, text: /签退成功/ });
    t.match(await sign('in'), { status: 200 });
    t.match(await meetingReports(store, event), [{ came: 1, signIns: 2, signOuts: 1 }]);
    const due = (await store.dueNotices(0, 100)).filter((one) => one.scene === 'meeting');
    t.match(
      due.map(({ what, quantity }) => [what, quantity]),
      [],
      'the embedded broker took them',
    );
    const firms = 'firms-1';
    await recorded(store, 'meeting-event', {
      event: firms,
      title: '企业座谈',
      place: '礼堂',
      from: seconds(),
      until: seconds() + 60,
      who: 'enterprises',
    });
    t.match(await open(place.url(), place.code({ scene: 'meeting', event: firms })), { status: 409, text: /企业码/ });
    await recorded(store, 'meeting-closed', { event, by: 'organiser' });
    t.match(await open(place.url(), code), { status: 409, text: /活动已结束/ });
  });

  await t.test('a batch: no more than is left, as far as the county knows, and none that is off sale', async (t) => {
    const batch = await recorded(store, 'market-batch', { product: '三文鱼', origin: '挪威', batch: 'NO-7', quantity: 5 });
    const code = place.code({ scene: 'market', event: batch, title: '市场 3 号 三文鱼' });
    const buy = async (quantity: string) => (await open(place.url(), code)).send({ who: await fresh(), quantity });
    t.match((await open(place.url(), code)).text, /三文鱼.*挪威.*max="5"/s);
    await recorded(store, 'market-sale', { batch, quantity: 2 });
    t.match(await buy('4'), { status: 422, text: /最多还可登记 3/ });
    t.match(await buy('1.5'), { status: 422, text: /整数/ });
    t.match(await buy('3'), { status: 200, text: /购买登记完成/ });
    t.match(await buy('1'), { status: 422, text: /已到限量/ });
    await recorded(store, 'market-count', { batch, left: 2, was: 0 }, { at: Date.now() });
    t.match(await buy('2'), { status: 200 }, 'counted by hand: there are two more');
    const unknown = place.code({ scene: 'market', event: 'FFFF-9', title: '市场' });
    t.match(await (await open(place.url(), unknown)).send({ who: await fresh(), quantity: '100' }), { status: 200 }, 'not heard of yet');
    await recorded(store, 'market-closed', { batch, left: 0 });
    t.match(await open(place.url(), code), { status: 409, text: /已下架/ });
  });

  await t.test('a terminal that was struck off has no codes', async (t) => {
    const code = place.code({ checkpoint: 'CP-DESK-2' }, place.keys.terminal('DESK-2').sign);
    t.equal((await open(place.url(), code)).status, 200);
    await strikeTerminal(store, 'DESK-2', Date.now());
    t.match(await open(place.url(), code), { status: 404, text: /本县没有这台终端/ });
  });

  await t.test('one address asks so often and no oftener; others are not kept waiting by it', async (t) => {
    const from = (address: string) => ({ 'x-forwarded-for': `spoofed, ${address}` });
    const code = place.code();
    const statuses: number[] = [];
    for (let i = 0; i < 125; i++) statuses.push((await open(place.url(), code, from('192.0.2.1'))).status);
    t.ok(statuses.includes(429));
    t.equal((await open(place.url(), code, from('192.0.2.2'))).status, 200);
    const rate = createRate({ each: 2, all: 3 });
    t.same([rate.allows('a', 0), rate.allows('a', 0), rate.allows('a', 0), rate.allows('a', 30_000)], [true, true, false, true]);
    t.same([rate.allows('b', 30_000), rate.allows('c', 30_000), rate.allows('d', 30_000)], [true, false, false], 'all together');
  });

  await t.test(
    'on phones, looked at by a machine',
    { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium' },
    async (t) => {
      const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      const FOUND = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';
      const browser = await chromium.launch(BROWSER);
      t.teardown(() => browser.close());
      const shots = process.env['SHOTS'];
      if (shots !== undefined) mkdirSync(shots, { recursive: true });
      for (const [width, height] of [
        [360, 640],
        [412, 915],
      ] as const) {
        // The policy lets no script of anybody run: axe is let in beside it.
        const context = await browser.newContext({ viewport: { width, height }, bypassCSP: true, isMobile: true, hasTouch: true });
        const tab = await context.newPage();
        const look = async (name: string): Promise<void> => {
          await tab.evaluate(AXE);
          t.same(await tab.evaluate(FOUND), [], `${name} at ${width}`);
          t.equal(
            await tab.evaluate('document.documentElement.scrollWidth > innerWidth'),
            false,
            `${name} at ${width}: nothing is cut off`,
          );
          if (shots !== undefined) await tab.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: true });
        };
        const at = (code: string) => tab.goto(place.url() + pathOf(code));
        const buyer = await place.phone(10 + (width % 7));
        await at(place.code({ scene: 'pharmacy', title: '药品购买登记' }));
        await look('pharmacy');
        await tab.getByLabel(/退热药/).check();
        await tab.getByLabel(/您的安康码/).fill('AK1:OLD');
        await tab.getByRole('button', { name: /登记/ }).tap();
        await tab.getByText('不能证明您是谁').waitFor();
        t.ok(await tab.getByLabel(/退热药/).isChecked(), 'what was filled in stays');
        await look('not-proved');
        await tab.getByLabel(/您的安康码/).fill(await buyer.screen(Date.now()));
        await tab.getByRole('button', { name: /登记/ }).tap();
        await tab.getByText('付款取药').waitFor();
        await look('done');
        await at(place.code({ scene: 'market', event: 'FFFF-8', title: '城关农贸市场 3 号 三文鱼 NO-7' }));
        await look('market');
        await at(place.code({}, forger));
        await look('unknown');
        await at(place.code({ issued: 1, expires: 2 }));
        await look('expired');
        await context.close();
      }
    },
  );
});

// ── the terminal's side ─────────────────────────────────────────────────────────────────────────────────────────────

t.test('a notice is taken once, if it is ours, true and of today', (t) => {
  const pair = generateKey();
  const platform: Signer = { kid: kidOfPoint(pair.public.point), sign: pair.sign };
  const now = 1_800_000_000;
  let shift = 0;
  const clock: Clock = {
    now: () => ({ earliest: (now + shift) * 1000, latest: (now + shift) * 1000 + 50 }),
    monotonic: () => 0,
  };
  const file = join(t.testdir(), 'journal.db');
  let journal = openJournal({ file, terminal: DESK, clock, limit: 16 << 20, keepDays: 30 });
  t.teardown(() => journal.close());
  const heard: Notice[] = [];
  const begin = (): Notices =>
    createNotices({
      terminal: DESK,
      checkpoint: 'CP-1',
      mostIds: 20,
      journal,
      hear: (tx, notice) => {
        if (notice.event === 'other') return undefined;
        tx.keep('stock', Number(journal.kept('stock') ?? 10) - notice.quantity);
        return () => heard.push(notice);
      },
      verify: (kid, typ, message, signature) =>
        typ === 'ak/notice' && Buffer.from(kid).equals(platform.kid) && pair.public.verify(message, signature),
      circumstances: () => ({}),
      clock,
      log: quiet,
    });
  let notices = begin();
  const made = (change: Partial<SignedNotice> = {}, signer = platform): Uint8Array =>
    makeNotice(
      {
        terminal: DESK,
        id: id16(),
        scene: 'market',
        event: 'A1B2-7',
        what: 'market-sale',
        quantity: 2,
        issued: now,
        number: 'PHON-1',
        ...change,
      },
      signer,
    );
  const first = made();
  notices.take(first);
  notices.take(first);
  notices.take(made({}, forger));
  notices.take(Buffer.from('nonsense'));
  notices.take(made({ terminal: 'DESK-2' }));
  notices.take(made({ issued: now - NOTICE_LIFE }));
  notices.take(made({ issued: now + 120 }));
  notices.take(made({ event: 'other' }));
  notices.take(makeNotice({ ...({ terminal: DESK } as SignedNotice) }, platform));
  const counts = { taken: 1, replayed: 1, forged: 2, foreign: 1, late: 1, early: 1, unheard: 1, unreadable: 1, unwritten: 0 };
  t.same(notices.counts, counts);
  t.match(heard, [{ event: 'A1B2-7', quantity: 2, number: 'PHON-1' }]);
  t.equal(journal.kept('stock'), 8);
  const entries = () => journal.read(1, 100).map(({ kind, public: text }) => ({ kind, ...(JSON.parse(text) as object) }));
  t.match(entries(), [
    { kind: 'notice', outcome: 'taken', scene: 'market', event: 'A1B2-7', quantity: 2, number: 'PHON-1' },
    { outcome: 'dropped', reason: 'replayed' },
    { outcome: 'dropped', reason: 'forged' },
    { outcome: 'dropped', reason: 'foreign' },
    { outcome: 'dropped', reason: 'late' },
    { outcome: 'dropped', reason: 'early' },
    { outcome: 'unheard', event: 'other' },
    { outcome: 'dropped', reason: 'unreadable' },
  ]);

  journal.close();
  journal = openJournal({ file, terminal: DESK, clock, limit: 16 << 20, keepDays: 30 });
  notices = begin();
  notices.take(first);
  t.match(notices.counts, { taken: 0, replayed: 1 }, 'also after a restart');

  for (let i = 0; i < 30; i++) notices.take(made({ issued: now + 1 + Math.floor(i / 5), quantity: 0 }));
  t.match(notices.counts, { taken: 30 });
  t.ok(journal.keptUnder('notice/id/').length <= 20, 'ids are bounded');
  notices.take(first);
  t.match(notices.counts, { late: 1 }, 'what was forgotten is too old, not new');
  t.equal(journal.kept('stock'), 8);
  shift = NOTICE_LIFE + 100;
  notices.take(made({ issued: now + shift }));
  t.equal(journal.keptUnder('notice/id/').length, 1, 'those of yesterday are forgotten');
  t.equal(
    readNotice(first, () => false),
    'forged',
  );
  t.end();
});

interface Desk {
  readonly terminal: Terminal;
  readonly bench: Workbench;
  state(): DeskState['visit'] | null;
  told(): string;
  act(action: Json): Promise<number>;
  answer(value: Json): Promise<void>;
  at(kind: string): Promise<NonNullable<DeskState['visit']>>;
}

async function startDesk(test: Test, { folder, keys, broker }: Place): Promise<Desk> {
  const bench = await createWorkbench(join(folder, 'bench'));
  test.teardown(() => bench.close());
  const config = join(folder, 'terminal.yaml');
  const configuration = {
    terminal: { id: DESK, region: REGION, checkpoint: `CP-${DESK}`, mode: 'test', state: 'state', phones: 'http://127.0.0.1:9' },
    keys: writeTerminalKit(keys, DESK, join(folder, 'kit')),
    clock: { source: 'system' },
    uplink: { url: broker?.url, ...broker?.tls(DESK) },
    page: { port: 0 },
    stations: [
      {
        id: 'kiosk',
        kind: 'desk',
        scenes: [
          { scene: 'market', settings: { counter: '市场 3 号' } },
          { scene: 'meeting' },
          { scene: 'checkpoint', settings: { title: '医院' } },
        ],
        devices: [{ driver: 'simulated-scanner', name: 'scanner', address: { path: bench.path, name: 'scanner' } }],
      },
    ],
  };
  writeFileSync(config, stringify(configuration));
  const terminal = await startTerminal({ loaded: loadConfiguration(config), log: quiet });
  test.teardown(() => terminal.stop());
  const state: Desk['state'] = () => terminal.view().desks[0]?.visit ?? null;
  const act: Desk['act'] = async (action) => {
    const answer = await fetch(`http://127.0.0.1:${terminal.pagePort}/api/act`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ station: 'kiosk', action }),
    });
    return answer.status;
  };
  const at: Desk['at'] = (kind) =>
    until(() => {
      const visit = state();
      return visit?.prompt.kind === kind ? visit : undefined;
    });
  const answer: Desk['answer'] = async (value) => {
    const visit = state();
    if (!visit) throw new Error('no visit');
    const status = await act({ do: 'answer', visit: visit.id, step: visit.step, value });
    if (status >= 300) throw new Error(`not taken: ${status}`);
    await until(() => state()?.step !== visit.step && state()?.prompt.kind !== 'busy');
  };
  await until(() => terminal.view().online && terminal.trust() !== undefined);
  return { terminal, bench, state, told: () => terminal.view().desks[0]?.told?.zh ?? '', act, answer, at };
}

/** A new batch of five; its id and the address in its code. */
async function newBatch(desk: Desk): Promise<{ readonly id: string; readonly code: string }> {
  await desk.act({ do: 'start', scene: 'market' });
  await desk.at('choose');
  await desk.answer('goods');
  await desk.answer({ product: '三文鱼', origin: '挪威', importer: '', batch: 'NO-7', certificate: '310120211A01', quantity: '5' });
  await desk.answer(true);
  const { prompt } = await desk.at('show');
  const code = prompt.kind === 'show' ? (prompt.link?.href ?? '') : '';
  const kept = desk.terminal.journal.kept('desk/kiosk/market');
  await desk.answer(null).catch(() => undefined);
  await until(() => desk.state() === null);
  return { id: (JSON.parse(String(kept)) as { id: string }[])[0]?.id ?? '', code };
}

const stock = ({ terminal }: Desk): number =>
  (JSON.parse(String(terminal.journal.kept('desk/kiosk/market'))) as { left: number }[])[0]?.left ?? Number.NaN;

async function connected(test: Test, broker: Mosquitto): Promise<MqttClient> {
  const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5, clientId: 'tap', ...pems(broker.tls('county')) });
  client.on('error', () => undefined);
  test.teardown(() => client.end(true));
  return client;
}

t.test('a sale by phone, from the code on the counter to the stock, over a real broker', { skip: NO_MOSQUITTO }, async (t) => {
  const place = await newPlace(t, true);
  const { store, broker, keys } = place;
  if (!broker) throw new Error('no broker');
  const desk = await startDesk(t, place);
  const tap = await connected(t, broker);
  const said: Uint8Array[] = [];
  const topic = topicOf({ way: 'down', region: REGION, terminal: DESK, what: 'notice' });
  tap.on('message', (on, bytes) => void (on === topic && said.push(bytes)));
  await tap.subscribeAsync(topic, { qos: 1 });
  const ann = await place.phone(1);
  const batch = await newBatch(desk);
  t.match(batch.code, /^HTTP:\/\/127\.0\.0\.1:9\/V\/[A-Z2-7]+$/, 'the demo’s code is an address without TLS, shown as a link');
  await until(async () => (await store.recorded({ kind: 'market-batch' })).length === 1);
  const buy = async (quantity: string): Promise<Opened> =>
    (await open(place.url(), batch.code)).send({ who: await ann.screen(Date.now()), quantity });

  const done = await buy('2');
  t.equal(done.status, 200);
  await until(() => stock(desk) === 3);
  t.match(desk.told(), new RegExp(`手机登记购买：三文鱼 NO-7，数量 2，登记号 ${numberIn(done.text)}，库存 3`));
  t.match(await store.recorded({ kind: 'market-sale' }), [
    { terminal: DESK, subject: ann.resident.subject, facts: { batch: batch.id, quantity: 2, by: 'phone' } },
  ]);
  const notice = readNotice(await until(() => said[0]), () => true);
  if (typeof notice === 'string') throw new Error(notice);
  t.notMatch(JSON.stringify({ ...notice, id: '' }), new RegExp(ann.resident.subject), 'it names nobody');

  await tap.publishAsync(topic, Buffer.from(said[0] ?? []), { qos: 1 });
  const base = { ...notice, id: id16() };
  const more = [
    makeNotice(base, forger),
    makeNotice({ ...base, terminal: 'DESK-2' }, keys.platform),
    makeNotice({ ...base, issued: notice.issued - NOTICE_LIFE - 10 }, keys.platform),
    makeNotice({ ...base, issued: notice.issued + 600 }, keys.platform),
  ];
  for (const bytes of more) await tap.publishAsync(topic, Buffer.from(bytes), { qos: 1 });
  const metric = async (outcome: string): Promise<string | undefined> => {
    const text = await (await fetch(`http://127.0.0.1:${desk.terminal.pagePort}/metrics`)).text();
    return new RegExp(`notices(?:_total)?\\{[^}]*outcome="${outcome}"[^}]*\\} (\\d+)`).exec(text)?.[1];
  };
  for (const outcome of ['replayed', 'forged', 'foreign', 'late', 'early']) await until(async () => (await metric(outcome)) === '1');
  t.equal(await metric('taken'), '1');
  t.equal(stock(desk), 3, 'the stock went down once');

  await t.test('while a sale is on at the counter', async (t) => {
    await desk.act({ do: 'start', scene: 'market' });
    await desk.at('choose');
    await desk.answer('sale');
    await desk.answer(batch.id);
    await desk.at('identify');
    t.equal((await buy('1')).status, 200);
    await until(() => stock(desk) === 2);
    t.match(desk.told(), /库存 2/, 'said beside what is asked');
    desk.bench.scanner('scanner').send(Buffer.from(`${await ann.screen(Date.now())}\r`));
    await desk.at('fill');
    await desk.answer({ quantity: '1' });
    t.match(await desk.at('show'), { prompt: { lines: [{}, {}, {}, { value: '1' }, {}] } });
    t.equal(stock(desk), 1, 'both are subtracted');
    await desk.act({ do: 'leave', visit: desk.state()?.id ?? '' });
    await until(() => desk.state() === null);
  });

  await t.test('somebody signs in to a meeting with a phone: the register counts them', async (t) => {
    const event = 'm-1';
    const meetings = {
      version: 1,
      meetings: [{ id: event, title: '动员会', place: '礼堂', from: seconds() - 60, until: seconds() + 3600, who: 'everyone' }],
    };
    await setData(store, 'meetings', meetings);
    await place.county.publish();
    await until(() => desk.terminal.trust()?.data('meetings') !== undefined);
    const code = place.code({ scene: 'meeting', event, title: '动员会' });
    const sign = async (does: string) => (await open(place.url(), code)).send({ who: await ann.screen(Date.now()), does });
    const count = (): { came: number; present: number } | undefined => {
      const row = desk.terminal.journal.kept(`meeting/${event}/`);
      return row === undefined ? undefined : (JSON.parse(String(row)) as { phones: { came: number; present: number } }).phones;
    };
    t.equal((await sign('in')).status, 200);
    t.same(await until(count), { came: 1, present: 1 });
    t.match(desk.told(), /手机签到：PHON-/);
    t.equal((await sign('out')).status, 200);
    await until(() => count()?.present === 0);
    t.equal((await sign('in')).status, 200);
    await until(() => count()?.present === 1);
    t.equal(count()?.came, 1, 'the same person is one');
  });

  await t.test('the broker is away: the sale is registered, and the counter hears of it when the line is back', async (t) => {
    await broker.stop();
    await until(() => !desk.terminal.view().online);
    const bought = await buy('1');
    t.equal(bought.status, 200);
    t.equal(stock(desk), 1);
    t.match(await store.dueNotices(0, 10), [{ terminal: DESK, what: 'market-sale', number: numberIn(bought.text) }]);
    await broker.start();
    await until(() => stock(desk) === 0);
    t.same(await until(async () => (await store.dueNotices(0, 10)).length === 0), true);
    t.match(desk.told(), /库存 0/);
  });

  await t.test('what was never heard of is put right by hand, and the county knows', async (t) => {
    await desk.act({ do: 'start', scene: 'market' });
    await desk.at('choose');
    await desk.answer('count');
    await desk.answer(batch.id);
    await desk.answer({ quantity: '4' });
    t.match(await desk.at('show'), { prompt: { say: { zh: '库存已更正' } } });
    t.equal(stock(desk), 4);
    await until(async () => (await store.recorded({ kind: 'market-count' })).length === 1);
    t.equal((await buy('4')).status, 200, 'as much as was counted may be bought');
    await until(() => stock(desk) === 0);
  });
});
