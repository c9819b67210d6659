/** The forgery kit, each code once through the terminal's own path and once through `ankang verify`: every one gets the right word. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { admission } from '../src/admission.js';
import { REFUSALS, type Trust } from '../src/contracts.js';
import { decodeBase64, decodeBase64Url, decodeHex, encodeHex } from '../src/crypto/base-n.js';
import { privateKeyOf, spkiOf } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { FORM } from '../src/messages/claims.js';
import { numberOf } from '../src/messages/refusals.js';
import { listKeyName, makeSecrets } from '../src/messages/secrets.js';
import { listValue, makeList } from '../src/messages/status-list.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { storePath } from '../src/platform/county.js';
import { newCodeId, newSubject, paperClaims, screenClaims } from '../src/platform/forgery/sample.js';
import { forgeryKit, type Sample } from '../src/platform/forgery.js';
import { personCode } from '../src/platform/issue.js';
import { issueTrust } from '../src/platform/manifest.js';
import { setUp } from '../src/platform/orders.js';
import { openStore } from '../src/platform/sqlite.js';
import { loadFormats, readCredential } from '../src/station/read.js';
import { AT, issuer, kitKeys, REGION, root, testKey, testTrust } from './county.js';

const CLI = join(import.meta.dirname, '../src/cli/ankang.js');
const folder = mkdtempSync(join(tmpdir(), 'ankang-verify-'));
t.teardown(() => rmSync(folder, { recursive: true }));

const { manifest, root: spki, trust } = testTrust();
const file = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const MANIFEST = file('manifest', manifest);
const ROOT = file('root', spki);
const ASKED = ['--trust', MANIFEST, '--root', ROOT, '--at', String(AT)];

interface Answer {
  readonly admit: boolean;
  readonly refusal?: string;
  readonly number?: number;
  readonly format?: string;
  readonly kind?: string;
  readonly subject?: string;
}

interface Ran {
  readonly code: number | null;
  readonly answers: readonly Answer[];
  readonly errors: string;
}

async function verify(input: Uint8Array | string, args: readonly string[] = ASKED): Promise<Ran> {
  const { lines, ...ran } = await ankang(['verify', ...args], input);
  return { ...ran, answers: lines.map((line) => JSON.parse(line) as Answer) };
}

interface Said extends Omit<Ran, 'answers'> {
  readonly lines: readonly string[];
}

function ankang(args: readonly string[], input: Uint8Array | string = ''): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.stdin.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)));
    child.on('close', (code) => {
      const lines = Buffer.concat(out).toString().split('\n').slice(0, -1);
      resolve({ code, lines, errors: Buffer.concat(err).toString() });
    });
    child.stdin.end(input);
  });
}

const wordOf = ({ admit, refusal }: Answer): string => (admit ? 'admit' : (refusal ?? ''));

/** As `ankang verify` and the lane read a line: text, or bytes written out. */
function bytesOf(line: string): Uint8Array {
  const text = /^(hex|base64):(.*)$/s.exec(line);
  if (!text) return Buffer.from(line);
  return (text[1] === 'hex' ? decodeHex(text[2] ?? '') : decodeBase64(text[2] ?? '')) ?? new Uint8Array(0);
}

async function lane(under: Trust): Promise<(sample: Sample) => string> {
  const formats = await loadFormats();
  const used = new Set<string>();
  const moment = { earliest: AT * 1000, latest: AT * 1000 };
  return ({ line }) => {
    const { result } = readCredential(formats, bytesOf(line), 'code', under.keys);
    if ('refusal' in result) return result.refusal;
    const found = admission({ credential: result, moment, trust: under, used: (id) => used.has(encodeHex(id)) });
    if (found.admit && result.replayId) used.add(encodeHex(result.replayId));
    return found.admit ? 'admit' : found.refusal;
  };
}

t.test('every code of the kit, with two hundred bits and cuts in each part, gets the right word', async (t) => {
  const answer = await lane(trust);
  const wrong: string[] = [];
  const words = new Map<string, number>();
  for (const sample of forgeryKit({ keys: kitKeys, at: AT, flips: 200 })) {
    const word = answer(sample);
    words.set(word, (words.get(word) ?? 0) + 1);
    if (word !== sample.expect) wrong.push(`${sample.name}: ${word} instead of ${sample.expect}`);
  }
  t.same(wrong, []);
  t.comment([...words].map(([word, count]) => `${word} ${count}`).join(', '));
  for (const word of [
    'admit',
    'unreadable',
    'unknown-format',
    'unknown-issuer',
    'forged',
    'not-yet-valid',
    'expired',
    'colour',
    'already-used',
    'revoked',
    'needs-network',
    'not-for-here',
  ]) {
    t.ok(words.has(word), `the kit has something that is ${word}`);
  }
});

t.test('the names of the kit are told apart, and no line holds two', (t) => {
  const samples = [...forgeryKit({ keys: kitKeys, at: AT })];
  t.equal(new Set(samples.map(({ name }) => name)).size, samples.length);
  t.notOk(samples.some(({ line }) => line.includes('\n')));
  t.end();
});

t.test('a kit for fewer keys leaves out what it cannot make', async (t) => {
  const answer = await lane(trust);
  const samples = [...forgeryKit({ keys: { region: REGION, issuer }, at: AT, flips: 2 })];
  t.same(
    samples.filter((sample) => answer(sample) !== sample.expect),
    [],
  );
  t.ok(samples.length > 150);
});

t.test('`ankang verify` gives every code of the kit the right word', async (t) => {
  const samples = [...forgeryKit({ keys: kitKeys, at: AT })];
  const { code, answers, errors } = await verify(samples.map(({ line }) => `${line}\n`).join(''));
  t.equal(code, 0, errors);
  t.equal(answers.length, samples.length);
  t.same(
    samples.flatMap(({ name, expect }, i) => {
      const word = wordOf(answers[i] ?? { admit: false });
      return word === expect ? [] : [`${name}: ${word} instead of ${expect}`];
    }),
    [],
  );
  for (const answer of answers) {
    if (answer.admit) t.same(Object.keys(answer), ['admit', 'format', 'kind', 'subject']);
    else
      t.same(answer, {
        admit: false,
        refusal: answer.refusal,
        number: 101 + (REFUSALS as readonly string[]).indexOf(answer.refusal ?? ''),
      });
  }
});

t.test('lines are answered one by one: empty ones too, nothing trimmed, the last one without its end', async (t) => {
  const code = () => personCode(issuer, screenClaims({ keys: kitKeys, at: AT }));
  const words = async (input: string | Uint8Array) => (await verify(input)).answers.map(wordOf);
  const long = Buffer.alloc(30_000_000, 'A');
  const cases: readonly (readonly [string | Uint8Array, readonly string[]])[] = [
    ['', []],
    ['\n', ['unreadable']],
    ['\n\n', ['unreadable', 'unreadable']],
    [`${code()}\n${code()}`, ['admit', 'admit']],
    [`${code()}\r\n ${code()}\n`, ['unreadable', 'unknown-format']],
    [`\0\n${code()}\n`, ['unknown-format', 'admit']],
    [Buffer.concat([long, Buffer.from(`\n${code()}\n`), long]), ['unreadable', 'admit', 'unreadable']],
  ];
  const found = await Promise.all(cases.map(([input]) => words(input)));
  t.same(
    found,
    cases.map(([, expected]) => expected),
  );
});

t.test('bytes that are not UTF-8 arrive as they are', async (t) => {
  let ride = '';
  for (const sample of forgeryKit({ keys: kitKeys, at: AT, flips: 0 })) {
    // A line feed within would end the line, as it does at a serial scanner: take a code without one.
    if (/^a ride code( with| $|$)/.test(sample.name) && sample.expect === 'admit' && !/^hex:(..)*?0a/.test(sample.line)) ride = sample.line;
  }
  t.not(ride, '');
  const bytes = decodeHex(ride.slice(4)) ?? new Uint8Array(0);
  const base64 = `base64:${Buffer.from(bytes).toString('base64')}`;
  const { answers } = await verify(Buffer.concat([bytes, Buffer.from(`\n${ride}\n${base64}\n`)]));
  t.same(answers.map(wordOf), ['admit', 'already-used', 'already-used']);
  t.match(answers[0], { format: 'mot', kind: 'person' });
});

t.test('with a scene its rules hold: ride codes ride and open no doors', async (t) => {
  const rides = [...forgeryKit({ keys: kitKeys, at: AT, flips: 0 })].filter(({ name }) => name === 'a ride code').map(({ line }) => line);
  const person = personCode(issuer, screenClaims({ keys: kitKeys, at: AT }));
  const input = [...rides, person].join('\n');
  t.same((await verify(input)).answers.map(wordOf), ['admit', 'admit']);
  t.same((await verify(input, [...ASKED, '--scene', 'entry'])).answers.map(wordOf), ['not-for-here', 'admit']);
  const nowhere = await verify(input, [...ASKED, '--scene', 'nosuch']);
  t.equal(nowhere.code, 2);
  t.match(nowhere.errors, /没有这个场景.*there is no scene nosuch/s);
});

t.test('what cannot be trusted is said, with exit code 2', async (t) => {
  const other = testTrust({ seq: 9 });
  const bent = Uint8Array.from(other.manifest);
  bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1;
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no manifest', ['--trust', join(folder, 'nosuch'), '--root', ROOT, '--at', '1'], /无法读取.*cannot read/s],
    ['no root', ['--trust', MANIFEST, '--root', join(folder, 'nosuch'), '--at', '1'], /无法读取.*cannot read/s],
    ['a root that is none', ['--trust', MANIFEST, '--root', MANIFEST, '--at', '1'], /信任清单不可用/],
    ['a forged manifest', ['--trust', file('bent', bent), '--root', ROOT, '--at', '1'], /信任清单不可用.*does not hold/s],
    ['a time that is none', ['--trust', MANIFEST, '--root', ROOT, '--at', 'noon'], /Unix 秒.*Unix seconds/s],
    ['secrets without a key', [...ASKED, '--secrets', MANIFEST], /go together/],
    ['no folder of lists', [...ASKED, '--lists', join(folder, 'nosuch')], /名单文件夹不可用 · the folder of lists cannot be read/],
    ['a file for a folder', [...ASKED, '--lists', MANIFEST], /名单文件夹不可用 · the folder of lists cannot be read/],
    ['no time', ['--trust', MANIFEST, '--root', ROOT], /--at/],
  ];
  const ran = await Promise.all(cases.map(async ([name, args, says]) => ({ name, says, ...(await verify('x\n', args)) })));
  for (const { name, says, code, errors, answers } of ran) {
    t.equal(code, 2, name);
    t.match(errors, says, name);
    t.same(answers, [], name);
  }
});

t.test('a folder as standard input is refused, and a reader that leaves ends every command quietly', async (t) => {
  const input = openSync(folder, 'r');
  const asked = spawnSync(process.execPath, [CLI, 'verify', ...ASKED], { stdio: [input, 'pipe', 'pipe'], encoding: 'utf8' });
  closeSync(input);
  t.equal(asked.status, 2);
  t.match(asked.stderr, /标准输入是文件夹 · standard input is a folder/);
  const county = join(folder, 'left');
  holdCeremony({ folder: county, now: AT * 1000, terminals: [], seed: 'forgery test' });
  const code = await leftEarly(['code', 'forge', '--keys', county, '--at', String(AT)], '');
  t.same(code, { exit: 0, errors: '' });
  t.same(await leftEarly(['verify', ...ASKED], 'x\n'.repeat(100_000)), { exit: 0, errors: '' });
});

async function leftEarly(args: readonly string[], input: string): Promise<{ readonly exit: number | null; readonly errors: string }> {
  const child = spawn(process.execPath, [CLI, ...args]);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.on('error', () => undefined); // it is gone before it has read all
  child.stdout.once('data', () => child.stdout.destroy());
  child.stdin.end(input);
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, errors };
}

t.test('`ankang trust show` tells a file of the wrong kind from a manifest of another root', async (t) => {
  const stranger = file('stranger', spkiOf(testKey('stranger').point));
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    [MANIFEST, ROOT, 0, /^$/],
    [MANIFEST, stranger, 1, /清单不是此根所签 · the manifest is not signed by this root/],
    [MANIFEST, file('nothing', new Uint8Array(0)), 2, /不是 SM2 公钥.* · not the SubjectPublicKeyInfo/],
    [MANIFEST, MANIFEST, 2, /不是 SM2 公钥.* · not the SubjectPublicKeyInfo/],
    [ROOT, ROOT, 2, /不是信任清单.* · no trust manifest/],
  ];
  for (const [manifestFile, rootFile, exit, says] of cases) {
    const { code, errors } = await ankang(['trust', 'show', '--trust', manifestFile, '--root', rootFile]);
    t.equal(code, exit, errors);
    t.match(errors, says);
  }
});

t.test('past its end the manifest is stale for everything it would have let through', async (t) => {
  const late = AT + 31 * 86_400;
  const paper = { ...paperClaims({ keys: kitKeys, at: AT }), expires: late + 86_400 };
  const input = [personCode(issuer, paper), personCode(testKey('stranger'), paper)].join('\n');
  const { answers } = await verify(input, ['--trust', MANIFEST, '--root', ROOT, '--at', String(late)]);
  t.same(answers.map(wordOf), ['trust-stale', 'unknown-issuer']);
});

t.test('lists at hand decide, once their keys are opened with the terminal’s own', async (t) => {
  const [red, gone] = [newSubject(), newCodeId()];
  const key = sm3(Buffer.from('TEST list key'));
  const lists = new Map([
    ['colour.red', makeList([listValue(key, decodeBase64Url(red) ?? new Uint8Array(0))])],
    ['revoked.code', makeList([listValue(key, gone)])],
  ]);
  const datums = [...lists].map(([name, bytes]) => ({
    name,
    version: 4,
    asOf: AT * 1000,
    size: bytes.length,
    sm3: sm3(bytes),
    delta: undefined,
  }));
  const signed = testTrust({ lists: datums });
  for (const [name, bytes] of lists) file(`${name}@4`, bytes);
  const opening = testKey('open');
  const secrets = makeSecrets(
    {
      terminal: 'gate-1',
      seq: 1,
      issued: AT * 1000,
      regionKeys: new Map(),
      siteKey: undefined,
      listKeys: new Map(datums.map(({ name }) => [listKeyName(name, 4), key])),
    },
    opening,
    root,
  );
  const asked = ['--trust', file('listed', signed.manifest), '--root', ROOT, '--at', String(AT)];
  const opened = ['--lists', folder, '--secrets', file('secrets', secrets), '--open', file('open', privateKeyOf(opening.d).export())];
  const claims = () => screenClaims({ keys: kitKeys, at: AT });
  const codes = [
    { ...claims(), subject: red },
    { ...claims(), codeId: gone },
    { ...claims(), form: FORM.paper, colour: undefined, codeId: gone },
    claims(),
  ];
  const input = codes.map((one) => personCode(issuer, one)).join('\n');
  const told = await verify(input, [...asked, ...opened]);
  t.same(told.answers.map(wordOf), ['colour', 'revoked', 'revoked', 'admit']);
  t.equal(told.errors, '');
  for (const less of [asked, [...asked, '--lists', folder]]) {
    const { code, answers, errors } = await verify(input, less);
    t.same(answers.map(wordOf), ['admit', 'admit', 'admit', 'admit'], 'without the lists nothing is known');
    t.equal(code, 0);
    t.match(errors, /^ankang verify: .*不作核验 · .*: colour\.red@4, revoked\.code@4\n$/, 'and that is said');
  }
  file('revoked.code@4', new Uint8Array(8));
  const swapped = await verify(input, [...asked, ...opened]);
  t.equal(swapped.code, 2);
  t.match(swapped.errors, /not the file that the manifest names/);
});

t.test('a county’s own codes and forgeries, made and verified by the command alone', async (t) => {
  const county = join(folder, 'county');
  const now = Math.floor(Date.now() / 1000);
  const keys = holdCeremony({ folder: county, now: now * 1000, terminals: ['gate-1'], seed: 'forgery test' });
  const store = openStore(storePath(county));
  await setUp(store, keys);
  await issueTrust({ store, keys, now: now * 1000 });
  const published = (await store.manifest())?.bytes ?? new Uint8Array(0);
  await store.close();
  const asked = ['--trust', file('county.manifest', published), '--root', file('county.root', keys.root.spki), '--at', String(now)];
  const code = async (...args: readonly string[]): Promise<string> => {
    const { lines, code: exit, errors } = await ankang(['code', ...args, '--keys', county, '--at', String(now)]);
    t.equal(exit, 0, errors);
    return lines.join('\n');
  };
  const made = await Promise.all([
    code('resident'),
    code('resident', '--form', 'paper', '--number', '2'),
    code('resident', '--form', 'moment', '--number', '3'),
    code('enterprise'),
    code('ride'),
    code('ride', '--system', 'unionpay'),
  ]);
  const { answers } = await verify(made.join('\n'), asked);
  t.same(
    answers.map(({ format }) => format),
    ['ak1', 'ak1', 'ak2', 'ae1', 'mot', 'unionpay'],
  );
  const kit = (await code('forge', '--flips', '2')).split('\n').map((line) => JSON.parse(line) as Sample);
  t.ok(kit.length > 300);
  const found = (await verify(kit.map(({ line }) => `${line}\n`).join(''), asked)).answers.map(wordOf);
  t.same(
    kit.filter(({ expect }, i) => found[i] !== expect).map(({ name }) => name),
    [],
  );
  t.match(await code('venue', '--terminal', 'gate-1', '--checkpoint', 'hospital'), /^HTTPS:\/\/AK\.EXAMPLE\/V\/[A-Z2-7]+$/);
  rmSync(join(county, 'TEST'));
  const refused = await ankang(['code', 'resident', '--keys', county]);
  t.equal(refused.code, 2);
  t.match(refused.errors, /no TEST keys/);
});

t.test('refusals are numbered from 101 in the order of wire.md 2', (t) => {
  t.same(
    REFUSALS.map(numberOf),
    REFUSALS.map((_, i) => 101 + i),
  );
  t.end();
});
