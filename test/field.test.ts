/** Devices of the field one by one: what the recordings of test/drivers.test.ts leave open, and lines on real pseudo-terminals. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { StationConfiguration } from '../src/configuration.js';
import type { Clock, Facts, Log } from '../src/contracts.js';
import { sm3 } from '../src/crypto/sm3.js';
import { subjectOf } from '../src/crypto/subject.js';
import { cardBytes, UNREADABLE_CARD } from '../src/framing/card.js';
import type { Framed } from '../src/framing/frames.js';
import { posFramer } from '../src/framing/hid-pos.js';
import { keyboardFramer } from '../src/framing/keyboard.js';
import { fixOf } from '../src/framing/nmea.js';
import { cardOfLine, readSocialSecurityCard } from '../src/framing/social-security-card.js';
import { ssiFramer } from '../src/framing/ssi.js';
import { openJournal } from '../src/journal/journal.js';
import { decodeCard } from '../src/messages/card.js';
import { FORM } from '../src/messages/claims.js';
import { syntheticId } from '../src/messages/identifiers.js';
import { personCode } from '../src/platform/issue.js';
import hid from '../src/ports/hid.js';
import { linesOf } from '../src/ports/serial-lines.js';
import { createCards } from '../src/station/cards.js';
import { loadDevice } from '../src/station/devices.js';
import { isDesk, loadStation } from '../src/station/load.js';
import { loadFormats, readCredential } from '../src/station/read.js';
import { standIn } from '../src/station/stand-in.js';
import { startStation } from '../src/station/station.js';
import { AT, issuer, REGION, testTrust } from './county.js';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const RELEASED = '0000000000000000';
const ENTER = '0000280000000000';
const ALT: Readonly<Record<string, string>> = {
  '0': '62',
  '1': '59',
  '2': '5a',
  '3': '5b',
  '4': '5c',
  '5': '5d',
  '6': '5e',
  '7': '5f',
  '8': '60',
  '9': '61',
};

/** Reports of Alt and the keypad digits of one decimal, key by key with Alt held. */
const alt = (decimal: string): readonly string[] => [
  ...Array.from(decimal, (digit) => [`0400${ALT[digit]}0000000000`, '0400000000000000']).flat(),
  RELEASED,
];

function typed(kind: 'unicode' | 'gbk', reports: readonly string[], ends: readonly number[] = [0x0d]): readonly string[] {
  const framer = keyboardFramer({ ends, limit: 4096, alt: kind });
  return texts(reports.flatMap((report) => framer.push(Buffer.from(report, 'hex'))));
}
const texts = (framed: readonly Framed[]): readonly string[] =>
  framed.map((one) => (one.event === 'frame' ? Buffer.from(one.bytes).toString() : one.event)).filter((word) => word !== 'start');

t.test('Chinese typed with Alt and decimals is read as the scanner was told to code it', (t) => {
  t.same(typed('unicode', [...alt('35760'), ...alt('024405'), ENTER]), ['记录']);
  t.same(typed('gbk', [...alt('48315'), ...alt('190'), ...alt('219'), ENTER]), [
    new TextDecoder('gb18030').decode(Uint8Array.of(0xbc, 0xbb, 190, 219)),
  ]);
  t.same(typed('unicode', [...alt('128104'), ENTER]), ['\u{1f468}'], 'beyond the first plane');
  for (const none of ['55296', '1114112', '99999999', '123456789012']) t.same(typed('unicode', [...alt(none), ENTER]), ['\ufffd'], none);
  t.same(typed('gbk', [...alt('65536'), ENTER]), ['\ufffd'], 'what is no character is not lost silently');
  t.end();
});

t.test('Tab ends a code where it is told to, also as Ctrl and I; Enter is then a character', (t) => {
  t.same(typed('unicode', ['0000040000000000', ENTER, '00002b0000000000'], [0x09]), ['a\r']);
  t.same(typed('unicode', ['0000040000000000', RELEASED, '01000c0000000000'], [0x09]), ['a']);
  t.same(
    typed('unicode', ['0000390000000000', '00000459545800', ENTER], [0x0d]),
    [],
    'Caps Lock types nothing, and a report of seven bytes is none',
  );
  t.end();
});

t.test('a POS scanner without a length byte or without report ids is read by its settings', (t) => {
  const padded = posFramer({ reportId: 2, length: 'padded', dataBytes: 8, limit: 100 });
  const report = (text: string, continued = 0): Buffer =>
    Buffer.concat([Buffer.from([2]), Buffer.from(text.padEnd(11, '\0'), 'latin1'), Buffer.of(continued)]);
  t.same(texts(padded.push(report(']Q1AK1:ABCD', 1))), []);
  t.same(texts(padded.push(report(']Q1EF'))), ['AK1:ABCDEF']);
  const bare = posFramer({ reportId: 0, length: 'byte', dataBytes: 8, limit: 10 });
  t.same(texts(bare.push(Buffer.from('\x03]E0123\0\0\0\0\0\0', 'latin1'))), ['123']);
  t.same(texts(bare.push(Buffer.from('\x08]E012345678\x01', 'latin1'))), []);
  t.same(texts(bare.push(Buffer.from('\x08]E012345678\0', 'latin1'))), ['over-long'], 'told once, and nothing of it is a code');
  t.same(texts(bare.push(Buffer.from('\x03]E0123\0\0\0\0\0\0', 'latin1'))), ['123']);
  t.same(texts(bare.push(Buffer.from('\x09]E012345678\0', 'latin1'))), ['broken'], 'a length beyond the report');
  t.same(texts(bare.push(Buffer.alloc(0))), []);
  t.end();
});

t.test('an SSI scanner that names the symbology once is understood by its setting', (t) => {
  const framer = ssiFramer({ codeType: 'first', limit: 100 });
  const packet = (status: number, text: string): Buffer => {
    const bytes = [4 + text.length, 0xf3, 0, status, ...Buffer.from(text, 'latin1')];
    const sum = -bytes.reduce((total, byte) => total + byte, 0) & 0xffff;
    return Buffer.from([...bytes, sum >> 8, sum & 0xff]);
  };
  t.same(texts(framer.push(packet(2, '\xf1AB')).framed), []);
  t.same(texts(framer.push(packet(0, 'CD')).framed), ['ABCD']);
  t.end();
});

t.test('a position counts only when its sentence is whole and measured', (t) => {
  const line = '$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47';
  t.match(fixOf(line), { satellites: 8, dilution: 0.9 });
  for (let at = 0; at < line.length; at++) t.equal(fixOf(line.slice(0, at)), undefined);
  for (let at = 1; at < line.length - 3; at++) {
    const other = line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ 1) + line.slice(at + 1);
    t.equal(fixOf(other), undefined, other);
  }
  t.end();
});

t.test('a line that is too long is skipped to its end, and nothing of it is told', async (t) => {
  for (const size of [1, 7, 4096, 100_000]) {
    const lines: string[] = [];
    const push = linesOf('lf', (line) => void lines.push(line));
    const bytes = Buffer.from(`first\r\n${'x'.repeat(10_000)}tail\r\n\r\nsecond\n${'y'.repeat(4096)}\n${'z'.repeat(4097)}\nlast\r\n`);
    for (let at = 0; at < bytes.length; at += size) push(bytes.subarray(at, at + size));
    await sleep(5);
    t.same(
      lines.filter((line) => !line.startsWith('y')),
      ['first', 'second', 'last'],
      `in pieces of ${size}`,
    );
  }
});

t.test('a place whose source is gone is not known', (t) => {
  const stand = standIn('place', 'gps', quiet);
  const told: (string | undefined)[] = [];
  if (stand.device.role !== 'place') throw new Error('not a place');
  stand.device.onPlace((stop) => void told.push(stop));
  let say: (stop: string | undefined) => void = () => undefined;
  stand.behind({ role: 'place', onPlace: (listener) => void (say = listener), onRepeat: () => undefined });
  say('A');
  stand.behind(undefined);
  t.same(told, ['A', undefined]);
  t.end();
});

const NO_LIBUSB = await hid.open({ vendorId: 0x05e0, productId: 0xfffe }).then(
  () => false,
  (error: unknown) => /apt install libusb/.test(String(error)) && 'libusb is not here: apt install libusb-1.0-0',
);

t.test('a scanner that is not plugged in is waited for', { skip: NO_LIBUSB }, async (t) => {
  await t.rejects(hid.open({ vendorId: 0x05e0, productId: 0xfffe }), /no such HID device/);
  t.equal(hid.address.safeParse({ vendorId: 0x05e0 }).success, false);
});

const missing = spawnSync('socat', ['-V']).error ? 'socat is not here: apt install socat' : false;

/** A pseudo-terminal at `path`: what is written to it arrives at the terminal. */
async function plug(path: string) {
  const child = spawn('socat', [`PTY,raw,echo=0,link=${path}`, 'STDIO'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  while (!existsSync(path)) await sleep(5);
  return child;
}

t.test('a key pad on a serial line sets the stop, and half a line before a pulled cable sets none', { skip: missing }, async (t) => {
  const path = join(t.testdir(), 'pad');
  const told: unknown[] = [];
  const until = async (count: number): Promise<void> => {
    while (told.length < count) await sleep(5);
  };
  let child = await plug(path);
  const wanted = {
    driver: 'serial-key-pad',
    direction: 'in',
    address: { path },
    settings: { stops: { '1': 'East', '12': 'Bridge' } },
  } as const;
  const loaded = await loadDevice(wanted, { at: [], fault: (at, _zh, en) => `${at.join('.')} ${en}` });
  const ups: string[] = [];
  const running = loaded.start(quiet, (state) => void ups.push(state));
  t.teardown(() => running.stop());
  const pad = running.device;
  if (pad.role !== 'place') throw new Error('not a place');
  pad.onPlace((stop) => void told.push(stop));
  pad.onRepeat(() => void told.push('repeat'));
  while (ups.length < 1 || ups.at(-1) !== 'up') await sleep(5);
  child.stdin.write('12\r\n*\r\n1');
  await until(2);
  child.kill('SIGTERM');
  await until(3);
  child = await plug(path);
  while (ups.at(-1) !== 'up') await sleep(5);
  child.stdin.write('1\r\n');
  await until(4);
  t.same(told, ['Bridge', 'repeat', undefined, 'East'], 'not 11, and not 1 by half');
  await running.stop();
});

// ── social security cards ───────────────────────────────────────────────────────────────────────────────────────────

const ID = syntheticId('20000229', 1);

t.test('the result line of a reader gives the card, whatever its name is written with', (t) => {
  const code = '999999D15600000500BF7C7A48FB4966';
  // 丁|三 cannot be; but many characters of GBK have the byte of | as their second half, such as 亅.
  const name = Buffer.from([0x81, 0x7c, 0xc8, 0xfd]);
  const line = Buffer.concat([Buffer.from(`999999|${ID}|A00000019|${code}|`), name, Buffer.from('|00814E|3.00|20211203|20311202|1|2|')]);
  t.same(cardOfLine(line), { code: code.toLowerCase(), number: 'A00000019', idNumber: ID, validUntil: '20311202' });
  const blank = '999999|||411600D156000005C38275EEFC9B9648||008C|3.00|20211203|2031|';
  t.same(cardOfLine(Buffer.from(blank)), {
    code: '411600d156000005c38275eefc9b9648',
    number: undefined,
    idNumber: undefined,
    validUntil: undefined,
  });
  for (const wrong of ['', '|', 'no card|||', `999999|${ID}|A|${code.slice(1)}|`, '-1', '|'.repeat(1000)])
    t.equal(cardOfLine(Buffer.from(wrong)), undefined, wrong.slice(0, 20));
  t.end();
});

/** A card as a table of commands and answers; what it was not told it does not know. */
const cardOf =
  (answers: Readonly<Record<string, string>>, sent: string[] = []) =>
  async (apdu: Uint8Array): Promise<Uint8Array> => {
    const hex = Buffer.from(apdu).toString('hex');
    sent.push(hex);
    return Buffer.from(answers[hex] ?? '6d00', 'hex');
  };
const SELECT = '00a404000f7378312e73682ec9e7bbe1b1a3d5cf';

t.test('another card, a broken one and one that wants its PIN are told apart, and no PIN is ever tried', async (t) => {
  t.same(await readSocialSecurityCard(cardOf({})), { why: 'no-application' });
  t.same(await readSocialSecurityCard(cardOf({ [SELECT]: '6a82' })), { why: 'no-application' });
  t.same(await readSocialSecurityCard(cardOf({ [SELECT]: '9000', '00a4000002ef05': '9000' })), { why: 'no-code' });
  t.same(await readSocialSecurityCard(async () => new Uint8Array(0)), { why: 'no-application' });
  t.same(
    await readSocialSecurityCard(async () => Uint8Array.of(0x61, 0x10)),
    { why: 'no-application' },
    'a card that always has more to say',
  );
  const sent: string[] = [];
  const code = '0110999999d1560000050099110145ffffff';
  const half = {
    [SELECT]: '6108',
    '00c0000008': '9000',
    '00a4000002ef05': '9000',
    '00b2010012': `${code}ff9000`,
    '00b2010412': `${code}ff9000`,
  };
  t.same(await readSocialSecurityCard(cardOf(half, sent)), {
    card: { code: '999999d1560000050099110145ffffff', number: undefined, idNumber: undefined, validUntil: undefined },
  });
  t.equal(sent.filter((apdu) => /^00(20|24|82|84)/.test(apdu)).length, 0);
});

t.test('whatever a card answers, it is read without a throw and in a bounded number of commands', async (t) => {
  let seed = 7;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647);
  for (let card = 0; card < 3000; card++) {
    let commands = 0;
    const found = await readSocialSecurityCard(async () => {
      commands++;
      const body = Uint8Array.from({ length: random() % 40 }, () => random() % 256);
      const status = [
        [0x90, 0],
        [0x61, 5],
        [0x6c, 5],
        [0x6a, 0x83],
        [0x69, 0x82],
      ][random() % 5] ?? [0, 0];
      return Uint8Array.of(...body, ...status);
    });
    if (commands > 60) t.fail(`${commands} commands`);
    if ('card' in found) t.match(found.card.code, /^[0-9a-f]{32}$/);
  }
});

t.test('a card and a code of the same person are the same subject, and the ID number ends at the station', async (t) => {
  const formats = await loadFormats();
  const { keys } = testTrust().trust;
  const [older, newest] = [Uint8Array.from(sm3(Buffer.from('TEST region 0'))), Uint8Array.from(sm3(Buffer.from('TEST region 1')))];
  const warned: string[] = [];
  const log: Log = { ...quiet, warn: (event) => void warned.push(event) };
  const cards = (regionKeys: ReadonlyMap<number, Uint8Array> | undefined) =>
    createCards({ region: REGION, regionKeys: () => regionKeys, log });
  const granted = cards(
    new Map([
      [1, newest],
      [0, older],
    ]),
  );
  const card = { code: '999999d1560000050099110145ffffff', number: 'A00000019', idNumber: ID, validUntil: '20311231' };

  const subject = await subjectOf(ID, REGION, newest);
  const claims = {
    region: REGION,
    subject,
    issued: AT,
    expires: AT + 300,
    codeId: new Uint8Array(8),
    form: FORM.screen,
    epoch: 1,
  } as const;
  const code = readCredential(formats, Buffer.from(personCode(issuer, claims)), 'code', keys).result;
  const known = await granted(cardBytes(card));
  const read = readCredential(formats, known, 'card', keys).result;
  if ('refusal' in code || 'refusal' in read) throw new Error('refused');
  t.equal(read.subject, code.subject);
  t.equal(read.claims['epoch'], code.claims['epoch']);
  t.notOk(Buffer.from(known).includes(ID), 'no ID number leaves the station');

  const wordOf = (bytes: Uint8Array) => readCredential(formats, bytes, 'card', keys).result;
  t.match(wordOf(await granted(cardBytes({ ...card, idNumber: undefined }))), { refusal: 'needs-network', note: 'card-holder-unknown' });
  t.match(wordOf(await granted(cardBytes({ ...card, idNumber: '999999200002290010' }))), { refusal: 'unreadable' }, 'a wrong check digit');
  for (const none of [undefined, new Map<number, Uint8Array>()]) {
    const without = await cards(none)(cardBytes(card));
    t.match(wordOf(without), { refusal: 'needs-network' });
    t.notOk(Buffer.from(without).includes(ID));
  }
  t.same(warned, ['card-without-region-key', 'card-without-region-key']);
  for (const noise of [UNREADABLE_CARD, new Uint8Array(0), Buffer.from(ID), cardBytes(card).subarray(1)]) {
    t.match(wordOf(await granted(noise)), { refusal: 'unreadable' });
  }
});

t.test('what readers write is deterministic CBOR and reads back as it was', (t) => {
  const card = { code: '999999d1560000050099110145ffffff', number: 'A00000019', idNumber: ID, validUntil: '20311231' };
  t.match(decodeCard(cardBytes(card)), card);
  t.match(decodeCard(cardBytes({ code: card.code })), { code: card.code, number: undefined, idNumber: undefined, validUntil: undefined });
  t.equal(decodeCard(UNREADABLE_CARD), undefined);
  t.throws(() => cardBytes({ code: 'x'.repeat(256) }), RangeError);
  t.end();
});

t.test('a card on a bus reader rides from the stop that the driver typed, and one more rider by the key', { skip: missing }, async (t) => {
  const folder = t.testdir();
  const [reader, pad] = [join(folder, 'reader'), join(folder, 'pad')];
  const [card, keys] = [await plug(reader), await plug(pad)];
  const fault = (at: readonly PropertyKey[], _zh: string, en: string): string => `${at.join('.')} ${en}`;
  const device = { direction: 'in' } as const;
  const configuration: StationConfiguration = {
    id: 'door',
    kind: 'lane',
    scene: 'ride',
    settings: { withoutFares: 150 },
    passageSeconds: 1,
    heldOpenSeconds: 1,
    devices: [
      { ...device, driver: 'serial-card-reader', address: { path: reader }, settings: { speaks: 'lines' } },
      { ...device, driver: 'serial-key-pad', address: { path: pad }, settings: { stops: { '12': 'Bridge' } } },
    ],
  };
  const clock: Clock = { now: () => ({ earliest: AT * 1000, latest: AT * 1000 + 50 }), monotonic: () => performance.now() };
  const file = join(folder, 'journal.db');
  const journal = openJournal({ file, terminal: 'BUS-1', clock, limit: 16 * 1024 * 1024, keepDays: 0 });
  const logged: unknown[] = [];
  const note = (...told: unknown[]): void => void logged.push(told);
  const log: Log = { info: note, warn: note, error: note };
  const regionKey = Uint8Array.from(sm3(Buffer.from('TEST region')));
  const loaded = await loadStation(configuration, [], fault);
  if (isDesk(loaded)) throw new Error('a lane was wanted');
  const station = startStation(loaded, {
    checkpoint: 'LINE-1',
    formats: await loadFormats(),
    clock,
    journal,
    whenJournalFails: 'refuse',
    trust: () => testTrust().trust,
    sealer: () => undefined,
    cards: createCards({ region: REGION, regionKeys: () => new Map([[0, regionKey]]), log }),
    changed: () => undefined,
    log,
  });
  const verdicts = (): readonly Facts[] =>
    journal
      .read(1, 100)
      .filter(({ kind }) => kind === 'verdict')
      .map((entry) => JSON.parse(entry.public) as Facts);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sleep(5);
  };
  await until(() => station.devices().every(({ state }) => state === 'up'));
  keys.stdin.write('12\r\n');
  await sleep(50);
  card.stdin.write(`999999|${ID}|A00000019|999999D1560000050099110145FFFFFF|Ceshi|00|3.00|20211203|20311202|\r\n`);
  await until(() => verdicts().length === 1);
  keys.stdin.write('*\r\n');
  await until(() => verdicts().length === 2);
  const [first, second] = verdicts();
  t.match(first, { verdict: 'admit', format: 'social-security-card', form: 'card', medium: 'card', note: { stop: 'Bridge', fare: 150 } });
  t.match(second, { repeat: true, refusal: 'not-entitled', note: { why: 'too-many-riders' } }, 'without a tariff one code is one rider');
  card.stdin.write('not a card\r\n');
  await until(() => verdicts().length === 3);
  t.match(verdicts()[2], { verdict: 'refuse', refusal: 'unreadable', medium: 'card' });
  await station.stop();
  journal.close();
  const kept = readdirSync(folder, { withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(folder, one.name)));
  const all = Buffer.concat([...kept, Buffer.from(JSON.stringify(logged))]);
  for (const personal of [ID, 'A00000019', 'Ceshi']) t.notOk(all.includes(personal), 'nothing personal is on disk or in a log');
});
