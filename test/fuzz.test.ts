/** Noise on every wire: a hundred thousand random and mutated inputs into every parser; none throws, none makes the heap grow. */
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { splitter } from '../src/cli/_lines.js';
import type { KeyRing } from '../src/contracts.js';
import { decodeBase32, decodeBase64, decodeBase64Url, decodeHex, encodeHex } from '../src/crypto/base-n.js';
import { decodeBase45, encodeBase45 } from '../src/crypto/base45.js';
import { decodeCbor, encodeCbor } from '../src/crypto/cbor.js';
import { parseSign1, sign1Of } from '../src/crypto/cose.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { pointOfSpki, toDer } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { opensslVerifier } from '../src/crypto/verifier.js';
import { parseMot } from '../src/formats/mot.js';
import {
  decodeEnterprise,
  decodeMoment,
  decodePerson,
  decodeVenue,
  encodeEnterprise,
  encodeMoment,
  encodePerson,
  encodeVenue,
} from '../src/messages/claims.js';
import { type Entry, entryHash, fromMessage, GENESIS, toEvent, toMessage } from '../src/messages/entry.js';
import { decodeFares } from '../src/messages/fares.js';
import { isCreditCode, residentId } from '../src/messages/identifiers.js';
import { decodeManifest } from '../src/messages/manifest.js';
import { makeSecrets, openSecrets } from '../src/messages/secrets.js';
import { makeAck, makeHead, readAck, readHead } from '../src/messages/signed.js';
import { parseState } from '../src/messages/state.js';
import { applyDeltaSteps, makeDelta, makeList } from '../src/messages/status-list.js';
import { atOnce } from '../src/messages/steps.js';
import { parseTopic } from '../src/messages/topics.js';
import { enterpriseClaims, venueClaims } from '../src/platform/forgery/persons.js';
import { paperClaims, screenClaims } from '../src/platform/forgery/sample.js';
import { forgeryKit } from '../src/platform/forgery.js';
import { loadFormats, readCredential } from '../src/station/read.js';
import { keyRing } from '../src/trust/key-ring.js';
import { AT, kitKeys, platform, root, signers, terminal, testKey, testTrust, transit } from './county.js';

const SEED = 20_261_122;
const INPUTS = 130_000;
/** A machine under load stops early instead of holding everything up; the hundred thousand must be reached all the same. */
const BOX_MS = 30_000;

/** xorshift32: the same noise each run. */
function noise(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const below = noise(SEED);
const pick = <T>(of: readonly T[]): T => {
  const one = of[below(of.length)];
  if (one === undefined) throw new RangeError('nothing to pick from');
  return one;
};
const randomOf = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256));

/** Bytes that parsers of lengths, numbers and texts stumble over. */
const AWKWARD = [
  0x00, 0x01, 0x0a, 0x0d, 0x15, 0x17, 0x18, 0x1b, 0x20, 0x22, 0x3a, 0x5b, 0x7b, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xf6, 0xfb, 0xff,
];

function mutated(bytes: Uint8Array): Uint8Array {
  let copy = [...bytes];
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(copy.length + 1);
    switch (below(8)) {
      case 0:
        copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
        break;
      case 1:
        copy[at] = pick(AWKWARD);
        break;
      case 2:
        copy.splice(at, 0, ...randomOf(1 + below(8)));
        break;
      case 3:
        copy.splice(at, 1 + below(16));
        break;
      case 4:
        copy = copy.slice(0, at);
        break;
      case 5:
        copy.splice(at, 0, ...copy.slice(below(copy.length + 1)).slice(0, below(64)));
        break;
      case 6:
        copy.splice(at, 4, 0xff, 0xff, 0xff, 0xff);
        break;
      default:
        copy.splice(at, 1, pick(AWKWARD), pick(AWKWARD));
    }
  }
  return Uint8Array.from(copy);
}

/** Random CBOR of every major type, mostly well formed. */
function randomCbor(depth = 0): Uint8Array {
  const major = below(8);
  const small = below(24);
  const head = Uint8Array.of((major << 5) | small);
  if (major === 2 || major === 3) return Uint8Array.of(...head, ...randomOf(small));
  if (major === 6) return Uint8Array.of(...head, ...(depth < 12 ? randomCbor(depth + 1) : []));
  if (major !== 4 && major !== 5) return below(4) === 0 ? Uint8Array.of((major << 5) | (24 + below(8)), ...randomOf(below(9))) : head;
  if (depth >= 12) return Uint8Array.of(major << 5);
  const count = below(4);
  return Uint8Array.of(
    (major << 5) | count,
    ...Array.from({ length: major === 5 ? 2 * count : count }, () => [...randomCbor(depth + 1)]).flat(),
  );
}

/** Signatures always hold: what is behind them is reached without their cost. */
function credulous(): KeyRing {
  const ring = keyRing(signers, transit, opensslVerifier());
  const [first] = signers;
  return {
    ...ring,
    signer: (kid) => ring.signer(kid) ?? first,
    transit: (system, index) => [...ring.transit(system, index), ...transit.filter((key) => key.system === system)],
    point: (encoded) => (encoded.length === 33 || encoded.length === 64 ? testPoint : undefined),
    verify: () => true,
    once: (_bytes, check) => check(),
  };
}
const testPoint = terminal.point;

const FOLDER = new URL('../../test/vectors/', import.meta.url);
interface Vector {
  readonly text?: string;
  readonly hex?: string;
}

function vectorBytes(): readonly Uint8Array[] {
  return readdirSync(FOLDER).flatMap((file) =>
    (JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { vectors: readonly Vector[] }).vectors.map(({ text, hex }) =>
      Uint8Array.from(hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex')),
    ),
  );
}

/** The COSE objects inside the vectors, so that changes are made under the Base45. */
function objects(): readonly Uint8Array[] {
  return vectorBytes().flatMap((bytes) =>
    Buffer.from(bytes.subarray(0, 4)).toString().endsWith(':') ? (decodeBase45(bytes, 4) ?? []) : [],
  );
}

function message(): Uint8Array {
  const origin = { terminal: 'gate-1', journal: '0102030405060708', region: '341525', checkpoint: 'hospital' };
  const entry: Omit<Entry, 'hash'> = {
    seq: 1,
    earliest: AT * 1000,
    latest: null,
    kind: 'verdict',
    public: '{"admit":true}',
    seal: Uint8Array.of(1, 2),
    prev: GENESIS,
  };
  const whole: Entry = { ...entry, hash: entryHash(origin, entry) };
  const head = makeHead({ terminal: 'gate-1', journal: new Uint8Array(8), seq: 1, hash: whole.hash }, terminal);
  return Buffer.from(toMessage([toEvent(origin, whole)], head));
}

interface Target {
  readonly name: string;
  readonly from: readonly Uint8Array[];
  readonly parse: (bytes: Uint8Array) => unknown;
  /** Of all inputs, in shares. */
  readonly share: number;
}

async function targets(): Promise<readonly Target[]> {
  const formats = await loadFormats();
  const configured = await loadFormats({
    mot: { customLength: 'decimal-of-hex' },
    voucher: { patterns: [{ name: 'made-up', characters: 'alphanumeric', shortest: 8, longest: 64 }] },
  });
  const [real, all] = [keyRing(signers, transit, opensslVerifier()), credulous()];
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const kit = { keys: kitKeys, at: AT };
  const yes = (): boolean => true;
  const opening = testKey('open');
  const opener = createOpener(opening.d, opening.kid);
  const none = { regionKeys: new Map([[0, sm3(root.kid)]]), siteKey: sm3(root.kid), listKeys: new Map() };
  const secrets = makeSecrets({ terminal: 'gate-1', seq: 1, issued: AT * 1000, ...none }, opening, root);
  const seal = createSealer(opening.point, opening.kid).seal(Buffer.from('something'), 'entry/x');
  const [older, newer] = [makeList([randomOf(8), randomOf(8), randomOf(8)]), makeList([randomOf(8), randomOf(8)])];
  const { manifest } = testTrust();
  const payload = parseSign1(manifest)?.payload ?? new Uint8Array(0);
  const claims = [encodePerson(screenClaims(kit)), encodePerson(paperClaims(kit)), encodeMoment({ issued: AT, codeId: new Uint8Array(8) })];
  const ack = { terminal: 'gate-1', journal: new Uint8Array(8), seq: 1, hash: new Uint8Array(32), issued: AT };
  const read = (bytes: Uint8Array, ring: KeyRing): unknown => readCredential(formats, bytes, 'code', ring);
  return [
    { name: 'formats, real keys', share: 6, from: vectorBytes(), parse: (bytes) => read(bytes, real) },
    { name: 'formats, signatures that always hold', share: 30, from: vectorBytes(), parse: (bytes) => read(bytes, all) },
    { name: 'formats with settings', share: 10, from: vectorBytes(), parse: (bytes) => readCredential(configured, bytes, 'code', all) },
    { name: 'AK1 under its Base45', share: 15, from: objects(), parse: (bytes) => read(Buffer.from(`AK1:${encodeBase45(bytes)}`), all) },
    { name: 'AK2 under its Base45', share: 15, from: objects(), parse: (bytes) => read(Buffer.from(`AK2:${encodeBase45(bytes)}`), all) },
    {
      name: 'ride code, taken apart',
      share: 5,
      from: vectorBytes(),
      parse: (bytes) => [parseMot(bytes), parseMot(bytes, 'decimal-of-hex')],
    },
    { name: 'CBOR', share: 15, from: [payload, ...claims], parse: decodeCbor },
    { name: 'COSE', share: 10, from: [manifest, ...objects()], parse: (bytes) => [parseSign1(bytes), sign1Of(decodeCbor(bytes))] },
    {
      name: 'claims',
      share: 15,
      from: [...claims, encodeEnterprise(enterpriseClaims(kit)), encodeVenue(venueClaims(kit))],
      parse: (bytes) => [decodePerson, decodeMoment, decodeEnterprise, decodeVenue].map((decode) => decode(bytes)),
    },
    {
      name: 'Base45, Base32, Base64, hex',
      share: 10,
      from: vectorBytes(),
      parse: (bytes) => [
        decodeBase45(bytes),
        decodeBase32(text(bytes)),
        decodeBase64(text(bytes)),
        decodeBase64Url(text(bytes)),
        decodeHex(text(bytes)),
      ],
    },
    { name: 'manifest', share: 4, from: [payload], parse: decodeManifest },
    { name: 'status list delta', share: 5, from: [makeDelta(older, newer)], parse: (bytes) => atOnce(applyDeltaSteps(older, bytes)) },
    { name: 'fares', share: 3, from: [encodeCbor(new Map([['tariffs', []]]))], parse: decodeFares },
    { name: 'message of entries', share: 10, from: [message()], parse: fromMessage },
    {
      name: 'head and ack',
      share: 5,
      from: [makeHead(ack, terminal), makeAck(ack, platform)],
      parse: (bytes) => [readHead(bytes, yes), readAck(bytes, yes)],
    },
    {
      name: 'secrets',
      share: 1,
      from: [secrets],
      parse: (bytes) => openSecrets({ bytes, terminal: 'gate-1', roots: [root.point], opener }),
    },
    { name: 'seal', share: 1, from: [seal], parse: (bytes) => opener.open(bytes, 'entry/x') },
    {
      name: 'state',
      share: 3,
      from: [Buffer.from('{"session":"x","journal":null}')],
      parse: (bytes) => parseState(Buffer.from(bytes).toString()),
    },
    {
      name: 'topic',
      share: 3,
      from: [Buffer.from('ankang/v1/341525/trust/colour.red/3/1')],
      parse: (bytes) => parseTopic(Buffer.from(bytes).toString()),
    },
    {
      name: 'identifiers',
      share: 3,
      from: [Buffer.from('341525199001010011'), Buffer.from('91341525MA0000000Q')],
      parse: (bytes) => [residentId(text(bytes)), isCreditCode(text(bytes))],
    },
    { name: 'keys and signatures', share: 2, from: [Buffer.from(testTrust().root)], parse: (bytes) => [pointOfSpki(bytes), toDer(bytes)] },
    { name: 'lines of `ankang verify`', share: 3, from: vectorBytes(), parse: (bytes) => splitter(64).push(bytes) },
  ];
}

function inputFor({ from }: Target): Uint8Array {
  const kind = below(10);
  if (kind < 7) return mutated(pick(from));
  if (kind === 7) return randomOf(below(600));
  return kind === 8 ? randomCbor() : Uint8Array.from({ length: below(200) }, () => 0x20 + below(95));
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

t.test('noise never throws, and leaves nothing behind', async (t) => {
  const parsers = await targets();
  const turns = parsers.flatMap((target) => Array<Target>(target.share).fill(target));
  t.comment(`seed ${SEED}`);
  const started = performance.now();
  let done = 0;
  let warm = 0;
  for (; done < INPUTS && performance.now() - started < BOX_MS; done++) {
    if (done === 10_000) warm = heap();
    const target = turns[done % turns.length];
    if (!target) break;
    const input = inputFor(target);
    try {
      target.parse(input);
    } catch (error) {
      t.fail(`${target.name} threw at ${encodeHex(input)}: ${error instanceof Error ? error.stack : String(error)}`);
      break;
    }
  }
  const grown = heap() - warm;
  t.comment(`${done} inputs into ${parsers.length} parsers, heap ${grown >> 10} KiB`);
  t.ok(done >= 100_000, `${done} inputs`);
  t.ok(grown < 16 * 1024 * 1024, `heap grew by ${grown} bytes`);
});

t.test('a code is never made out of noise', async (t) => {
  const formats = await loadFormats();
  const ring = keyRing(signers, transit, opensslVerifier());
  const good = [...forgeryKit({ keys: kitKeys, at: AT, flips: 0 })].filter(
    ({ expect, line }) => expect === 'admit' && line.startsWith('AK'),
  );
  let admitted = 0;
  for (let i = 0; i < 3000; i++) {
    const original = Buffer.from(pick(good).line);
    const input = mutated(original);
    if (!('refusal' in readCredential(formats, input, 'code', ring).result) && !original.equals(input)) admitted++;
  }
  t.equal(admitted, 0);
});
