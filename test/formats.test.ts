/** Every code format: its vectors, the same with a bit turned over, cut short, signed by a stranger; and what only one format has. */
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { timeRefusal } from '../src/admission.js';
import type { Credential, FormatRefusal, KeyRing, Medium, TransitKey } from '../src/contracts.js';
import { decodeBase32, decodeBase64, encodeBase32, encodeHex } from '../src/crypto/base-n.js';
import { decodeBase45, encodeBase45 } from '../src/crypto/base45.js';
import { decodePoint, publicKey } from '../src/crypto/sm2.js';
import { opensslVerifier } from '../src/crypto/verifier.js';
import { configured as mot, parseMot } from '../src/formats/mot.js';
import { decodePerson, encodePerson, FORM } from '../src/messages/claims.js';
import { isCreditCode, isSynthetic, residentId, syntheticCreditCode, syntheticId } from '../src/messages/identifiers.js';
import { newPhone, personCode } from '../src/platform/issue.js';
import { motAuthorisation, motAuthorised, motCaRecord, motCertificate, motCode, motRide } from '../src/platform/issue-transit.js';
import { formatNames, loadFormats, readCredential } from '../src/station/read.js';
import { keyRing } from '../src/trust/key-ring.js';
import { AT, ending, issuer, motCa, REGION, revoked, signers, testKey, transit } from './county.js';

interface Vector {
  readonly name: string;
  readonly text?: string;
  readonly hex?: string;
  readonly at?: number;
  /** Fields of the credential that must be so. */
  readonly credential?: Partial<Credential>;
  readonly refusal?: string;
  readonly note?: string;
}

interface VectorFile {
  readonly at: number;
  /** Absent: code. */
  readonly medium?: Medium;
  /** How the signed bytes stand in the text. */
  readonly spelling?: 'base45' | 'base32' | 'base64' | 'raw';
  readonly settings?: unknown;
  readonly transit?: readonly { system: 'mot' | 'unionpay'; type?: number; index: number; key: string; exp: number; epoch?: number }[];
  readonly vectors: readonly Vector[];
}

const FOLDER = new URL('../../test/vectors/', import.meta.url);
const SPELLINGS = {
  raw: { decode: (text: string) => Buffer.from(text, 'latin1'), encode: (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1') },
  base45: { decode: (text: string) => decodeBase45(Buffer.from(text)), encode: encodeBase45 },
  base32: { decode: decodeBase32, encode: encodeBase32 },
  base64: { decode: decodeBase64, encode: (bytes: Uint8Array) => Buffer.from(bytes).toString('base64') },
} as const;

function ringOf(file: Pick<VectorFile, 'transit'>): KeyRing {
  const own = (file.transit ?? []).map(({ key, exp, type, epoch, ...rest }): TransitKey => {
    const point = decodePoint(Buffer.from(key, 'hex'));
    if (!point) throw new Error(`not a point: ${key}`);
    return { ...rest, type, epoch, point, validUntil: exp * 1000 };
  });
  return keyRing(signers, file.transit ? own : transit, opensslVerifier());
}

/** The same ring, but under every name stands the key of somebody else. */
function strangers(ring: KeyRing): KeyRing {
  const { point } = testKey('stranger');
  return {
    ...ring,
    signer: (kid) => withPoint(ring.signer(kid)),
    transit: (system, index) => ring.transit(system, index).map((key) => ({ ...key, point })),
    once: (_bytes, check) => check(),
  };
  function withPoint<T extends object>(key: T | undefined): T | undefined {
    return key && { ...key, point };
  }
}

const nobody: KeyRing = keyRing([], [], opensslVerifier());

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const bytesOf = ({ text, hex }: Vector): Uint8Array =>
  Uint8Array.from(hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex'));

/** Where the signed part of a text begins. */
function headOf(vector: Vector, spelling: keyof typeof SPELLINGS): string {
  const text = vector.text ?? '';
  if (spelling === 'base45') return text.slice(0, 4);
  return spelling === 'base32' ? text.slice(0, text.indexOf('/V/') + 3) : '';
}

const names = formatNames();
const REFUSED = ['unreadable', 'unknown-format', 'unknown-issuer', 'forged'];
const wordOf = (result: Credential | FormatRefusal): string => ('refusal' in result ? result.refusal : 'credential');

t.test('every format has vectors', async (t) => {
  for (const name of names) t.ok(existsSync(new URL(`${name}.json`, FOLDER)), name);
  const formats = await loadFormats();
  t.same([...formats.keys()], names);
});

for (const name of names) {
  const file = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as VectorFile;
  const keys = ringOf(file);
  const { medium = 'code' } = file;
  const other = medium === 'code' ? 'card' : 'code';

  t.test(`${name}: every vector is read as it is meant`, async (t) => {
    const formats = await loadFormats(file.settings === undefined ? {} : { [name]: file.settings });
    for (const vector of file.vectors) {
      const { format, result } = readCredential(formats, bytesOf(vector), medium, keys);
      if (vector.credential) {
        t.match(result, vector.credential, vector.name);
        t.equal(format, name);
        t.equal('format' in result && result.format, name);
        t.ok('claims' in result && Object.isFrozen(result.claims), 'claims are frozen');
        t.equal('kind' in result && result.kind, formats.get(name)?.kind);
      } else {
        t.match(result, { refusal: vector.refusal, ...(vector.note === undefined ? {} : { note: vector.note }) }, vector.name);
      }
      t.equal(
        wordOf(readCredential(formats, bytesOf(vector), other, keys).result),
        'unknown-format',
        'a code is no card, and a card no code',
      );
    }
  });

  const proved = file.vectors.filter((vector) => vector.credential);
  if (file.spelling === undefined) continue;
  const { decode, encode } = SPELLINGS[file.spelling];
  const spelling = file.spelling;

  t.test(`${name}: with any bit turned over it is refused`, async (t) => {
    const formats = await loadFormats();
    for (const vector of proved) {
      const head = headOf(vector, spelling);
      const signed = vector.hex === undefined ? decode((vector.text ?? '').slice(head.length)) : bytesOf(vector);
      if (!signed) throw new Error('a vector that cannot be decoded');
      const words = new Map<string, number>();
      for (let bit = 0; bit < 8 * signed.length; bit++) {
        const copy = Uint8Array.from(signed);
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        const word = wordOf(readCredential(formats, latin1(head + encode(copy)), 'code', keys).result);
        words.set(word, (words.get(word) ?? 0) + 1);
      }
      t.same(
        [...words.keys()].filter((word) => !REFUSED.includes(word)),
        [],
        `${vector.name}: ${JSON.stringify([...words])}`,
      );
    }
  });

  t.test(`${name}: cut at any length, or with more behind it, it is refused`, async (t) => {
    const formats = await loadFormats();
    for (const vector of proved) {
      const whole = bytesOf(vector);
      const head = headOf(vector, spelling);
      const signed = vector.hex === undefined ? decode((vector.text ?? '').slice(head.length)) : whole;
      const cuts = [...Array(whole.length).keys()].map((length) => whole.subarray(0, length));
      const signedCuts = [...Array(signed?.length ?? 0).keys()].map((length) =>
        latin1(head + encode((signed ?? whole).subarray(0, length))),
      );
      const longer = [0, 0x20, 0x30, 0xff].map((byte) => Uint8Array.of(...whole, byte));
      const through = [...cuts, ...signedCuts, ...longer].filter(
        (bytes) => !REFUSED.includes(wordOf(readCredential(formats, bytes, 'code', keys).result)),
      );
      t.equal(through.length, 0, vector.name);
    }
  });

  t.test(`${name}: signed by a stranger it is forged, by nobody known it has no issuer`, async (t) => {
    const formats = await loadFormats();
    for (const vector of proved) {
      t.equal(wordOf(readCredential(formats, bytesOf(vector), 'code', strangers(keys)).result), 'forged', vector.name);
      t.equal(wordOf(readCredential(formats, bytesOf(vector), 'code', nobody).result), 'unknown-issuer', vector.name);
    }
  });
}

t.test('a reading of nothing, or of more than 4 KiB, is unreadable', async (t) => {
  const formats = await loadFormats();
  t.equal(wordOf(readCredential(formats, new Uint8Array(0), 'code', nobody).result), 'unreadable');
  t.equal(wordOf(readCredential(formats, new Uint8Array(4096).fill(65), 'code', nobody).result), 'unknown-format');
  t.equal(wordOf(readCredential(formats, new Uint8Array(4097).fill(65), 'code', nobody).result), 'unreadable');
});

t.test('settings go only to formats that have them', async (t) => {
  await t.rejects(loadFormats({ nosuch: {} }), /no format nosuch/);
  await t.rejects(loadFormats({ ak1: {} }), /no settings/);
  await t.rejects(loadFormats({ mot: { customLength: 'roman' } }));
  await t.rejects(loadFormats({ voucher: { patterns: [{ name: 'x', characters: 'digits', shortest: 1, longest: 9 }] } }));
});

t.test('a code of a known phone, or of a known rider, costs one verification', async (t) => {
  const formats = await loadFormats();
  const ring = keyRing(signers, transit, opensslVerifier());
  const asked: string[] = [];
  const counting: KeyRing = { ...ring, verify: (...args) => (asked.push(args[3]), ring.verify(...args)) };
  const read = (bytes: Uint8Array): string => wordOf(readCredential(formats, bytes, 'code', counting).result);
  const dates = { issued: AT - 3600, expires: AT + 86_400, codeId: new Uint8Array(8) };
  const phone = newPhone(issuer, { region: REGION, subject: 'A'.repeat(22), ...dates });
  t.equal(read(Buffer.from(phone.present({ issued: AT, codeId: new Uint8Array(8) }))), 'credential');
  t.same(asked.splice(0), ['kept', 'once']);
  t.equal(read(Buffer.from(phone.present({ issued: AT + 1, codeId: new Uint8Array(8) }))), 'credential');
  t.same(asked.splice(0), ['once'], 'the certificate is remembered, the moment is not');

  const [motIssuer, user] = [testKey('mot-issuer'), testKey('mot-user')];
  const account = {
    payment: '0'.repeat(16),
    card: '0'.repeat(20),
    user: user.point,
    authorised: AT + 86_400,
    validity: 60,
    custom: new Uint8Array(0),
  };
  const authorised = motAuthorised(motCertificate(motCa, motIssuer.point, { index: 1, month: 12, year: 2030 }), account);
  const held = motAuthorisation(authorised, motIssuer);
  t.equal(read(motRide(held, user, AT)), 'credential');
  t.same(asked.splice(0), ['kept', 'kept', 'once']);
  t.equal(read(motRide(held, user, AT + 1)), 'credential');
  t.same(asked.splice(0), ['once']);
});

t.test('the ride code of facts 2.1.4 is good for thirty seconds, whatever else is wrong with it later', async (t) => {
  const file = JSON.parse(readFileSync(new URL('mot.json', FOLDER), 'utf8')) as VectorFile;
  const [vector] = file.vectors;
  if (!vector) throw new Error('no vector');
  const { result } = readCredential(await loadFormats(), bytesOf(vector), 'code', ringOf(file));
  if ('refusal' in result) throw new Error(result.refusal);
  const at = (seconds: number) =>
    timeRefusal(result, { earliest: (1_767_225_600 + seconds) * 1000, latest: (1_767_225_600 + seconds) * 1000 });
  t.equal(at(-61), 'not-yet-valid');
  for (const good of [-60, 0, 30]) t.equal(at(good), undefined, `${good} s`);
  for (const late of [31, 3600, 10_000_000]) t.equal(at(late), 'expired', `${late} s`);
});

t.test('a ride code’s certificate is good to the end of its month in Shanghai', (t) => {
  const account = {
    payment: '0'.repeat(16),
    card: '0'.repeat(20),
    user: issuer.point,
    authorised: 0,
    validity: 0,
    custom: new Uint8Array(0),
  };
  const code = (month: number, year: number) =>
    motCode(motAuthorised(motCertificate(motCa, issuer.point, { index: 1, month, year }), account), { issuer, user: issuer }, 0);
  t.equal(parseMot(code(12, 2026))?.certificateEnd, Date.parse('2027-01-01T00:00:00+08:00'));
  t.equal(parseMot(code(2, 2028))?.certificateEnd, Date.parse('2028-03-01T00:00:00+08:00'));
  t.equal(parseMot(code(0, 2028)), undefined);
  const letters = code(1, 2028);
  letters[14] = 0x1a;
  t.equal(parseMot(letters), undefined, 'a month in letters');
  t.end();
});

t.test('a length written for decimal readers is read only where that is configured', (t) => {
  const [motIssuer, user] = [testKey('mot-issuer'), testKey('mot-user')];
  const account = {
    payment: '0'.repeat(16),
    card: '0'.repeat(20),
    user: user.point,
    authorised: AT + 86_400,
    validity: 60,
    custom: new Uint8Array(20),
  };
  const plain = motAuthorised(motCertificate(motCa, motIssuer.point, { index: 1, month: 12, year: 2030 }), account);
  plain[194] = 0x20;
  const code = motCode(plain, { issuer: motIssuer, user }, AT);
  const ring = keyRing(signers, transit, opensslVerifier());
  t.equal(wordOf(mot({ customLength: 'binary' }).read(code, ring) ?? { refusal: 'unknown-format' }), 'unreadable');
  t.equal(wordOf(mot({ customLength: 'decimal-of-hex' }).read(code, ring) ?? { refusal: 'unknown-format' }), 'credential');
  plain[194] = 0x1f;
  t.equal(parseMot(motCode(plain, { issuer: motIssuer, user }, AT), 'decimal-of-hex'), undefined, 'hex letters are no decimals');
  t.end();
});

t.test('a CA record verifies over its first 80 bytes: that of facts 2.1.2, and ours', (t) => {
  const known =
    '2101010000a000000632021240041140dcb53b215317dd87eac919eea6524085cacf49e37cf055b0b6c0aa84d8157f496f32bfd10bef202cdd897fa8e6172f2f14e3ca810fed8089702cb61277690c6c' +
    '4ef502d60834bb033ab536d4d652a200f08ee141cdd6695c44580f0a75af944249fc17b5652bab5e4df6b2c692fa351e04ac52850a6adffb2e12053f34b800d2';
  const holds = (record: Uint8Array): boolean => publicKey(record.slice(16, 80)).verify(record.subarray(0, 80), record.subarray(80));
  const record = Uint8Array.from(Buffer.from(known, 'hex'));
  t.ok(holds(record));
  record[6] = (record[6] ?? 0) ^ 1;
  t.notOk(holds(record));
  const ours = motCaRecord(motCa, { index: 1, month: 12, year: 2040 });
  t.equal(ours.length, 144);
  t.ok(holds(ours));
  t.end();
});

t.test('a key’s life and revocation go with what it signed', async (t) => {
  const formats = await loadFormats();
  const ring = keyRing(signers, transit, opensslVerifier());
  const claims = { region: REGION, subject: 'A'.repeat(22), issued: AT, expires: AT + 300, codeId: new Uint8Array(8), form: FORM.screen };
  const read = (key: typeof issuer, change: object = {}) =>
    readCredential(formats, Buffer.from(personCode(key, { ...claims, ...change })), 'code', ring).result;
  t.match(read(ending), { validUntil: ending.validUntil });
  t.match(read(ending, { form: FORM.paper }), { validUntil: (AT + 300) * 1000 }, 'paper outlives its key');
  t.match(read(ending, { issued: AT + 20, expires: AT + 60 }), { refusal: 'forged' });
  t.match(read(issuer, { issued: issuer.validFrom / 1000 - 1, expires: issuer.validFrom / 1000 + 100 }), { refusal: 'forged' });
  t.match(read(revoked), { revokedAt: (AT - 3600) * 1000 });
});

t.test('an issuer cannot make a code that no terminal reads', (t) => {
  const claims = { region: REGION, subject: 'A'.repeat(22), issued: AT, expires: AT + 301, codeId: new Uint8Array(8), form: FORM.screen };
  t.throws(() => encodePerson(claims), RangeError);
  const payload = encodePerson({ ...claims, expires: AT + 300, colour: 'green' });
  t.match(decodePerson(payload), { subject: 'A'.repeat(22), colour: 'green', epoch: 0 });
  t.equal(encodeHex(payload).slice(0, 2), 'a7', 'seven claims, none empty');
  t.end();
});

t.test('ID numbers and credit codes of facts 6 are told from wrong ones', (t) => {
  for (const id of ['360426199101010071', '341525199001010011', '342427194506150023', '34242719450615004X']) t.equal(residentId(id), id);
  t.equal(residentId('34242719450615004x'), '34242719450615004X', 'x is written X');
  t.equal(residentId('342427450615002'), '342427194506150023', 'fifteen digits are extended first');
  for (const wrong of [
    '341525199001010012',
    '341525199013010011',
    '34152519900101001',
    '3415251990010100111',
    '',
    'ABC',
    '342427450632002',
  ]) {
    t.equal(residentId(wrong), undefined, wrong);
  }
  for (const code of ['91110000600037341L', '91341525MA0000000Q', '12341525000000000T']) t.ok(isCreditCode(code), code);
  for (const wrong of ['91110000600037431L', '91110000600037341l', '9111000060003734IL', '91110000600037341', ''])
    t.notOk(isCreditCode(wrong), wrong);
  t.equal(residentId(syntheticId('19450615', 2)), syntheticId('19450615', 2));
  t.ok(isCreditCode(syntheticCreditCode(123_456)));
  t.ok(isSynthetic(syntheticId('20000229', 999)) && isSynthetic(syntheticCreditCode(7)));
  t.notOk(isSynthetic('341525199001010011') || isSynthetic('91341525MA0000000Q'));
  t.end();
});
