/** TEST keys of a small county, its manifest and the trust that follows from it: for tests of codes, never for anything else. */
import type { SignerKey, TransitKey, Trust } from '../src/contracts.js';
import { makeSign1 } from '../src/crypto/cose.js';
import { privateKeyOf, spkiOf } from '../src/crypto/sm2.js';
import { sm3 } from '../src/crypto/sm3.js';
import { encodeManifest, type Manifest } from '../src/messages/manifest.js';
import type { KitKey, KitKeys } from '../src/platform/forgery/sample.js';
import { signingKey } from '../src/platform/issue.js';
import { loadTrust } from '../src/trust/load.js';

export const REGION = '341525';
/** 2026-11-22 04:00 UTC, Unix seconds: when everything in these tests happens. */
export const AT = 1_795_320_000;
const DAY = 86_400;

/** A key that is the same in each run. `from`, `to`: Unix seconds. */
export function testKey(name: string, from = AT - 30 * DAY, to = AT + 365 * DAY): KitKey {
  const d = Uint8Array.from(sm3(Buffer.from(`TEST ${name}`)));
  return { ...signingKey(privateKeyOf(d)), d, validFrom: from * 1000, validUntil: to * 1000 };
}

export const root = testKey('root');
export const issuer = testKey('issuer');
export const terminal = testKey('terminal');
export const platform = testKey('platform');
export const retired = testKey('retired', AT - 30 * DAY, AT - DAY);
export const revoked = testKey('revoked');
export const ending = testKey('ending', AT - 30 * DAY, AT + 20);
export const motCa = testKey('mot-ca');
export const unionpay = testKey('unionpay');

export const kitKeys: KitKeys = {
  region: REGION,
  issuer,
  terminal,
  platform,
  retired,
  revoked,
  mot: { index: 1, ca: motCa, issuer: testKey('mot-issuer') },
  unionpay: { type: 0x11, index: 1, key: unionpay },
};

function signer(key: KitKey, types: readonly string[], revokedAt = Number.POSITIVE_INFINITY): SignerKey {
  const { kid, point, validFrom, validUntil } = key;
  return { kid, point, region: REGION, types, validFrom, validUntil, revokedAt };
}

const people = ['ak/person', 'ak/enterprise'];

export const signers: readonly SignerKey[] = [
  signer(issuer, people),
  signer(terminal, ['ak/request', 'ak/head', 'ak/venue']),
  signer(platform, ['ak/command', 'ak/answer', 'ak/ack', 'ak/notice']),
  signer(retired, people),
  signer(revoked, people, (AT - 3600) * 1000),
  signer(ending, people),
];

const transitKey = (key: KitKey, rest: Omit<TransitKey, 'point' | 'validUntil' | 'epoch'>): TransitKey => ({
  ...rest,
  point: key.point,
  validUntil: key.validUntil,
  epoch: undefined,
});

export const transit: readonly TransitKey[] = [
  transitKey(motCa, { system: 'mot', type: undefined, index: 1 }),
  transitKey(unionpay, { system: 'unionpay', type: 0x11, index: 1 }),
];

export interface TestTrust {
  readonly manifest: Uint8Array;
  /** SPKI DER. */
  readonly root: Uint8Array;
  readonly trust: Trust;
}

export function testTrust(change: Partial<Manifest> = {}): TestTrust {
  const manifest: Manifest = {
    seq: 1,
    region: REGION,
    issued: (AT - 3600) * 1000,
    expires: (AT + 30 * DAY) * 1000,
    keys: signers,
    transit,
    lists: [],
    data: [],
    roots: undefined,
    rules: {},
    floor: undefined,
    minVersion: undefined,
    ...change,
  };
  const signed = makeSign1(root.kid, 'ak/trust', encodeManifest(manifest), root.sign);
  const spki = spkiOf(root.point);
  const trust = loadTrust({ manifest: signed, root: spki });
  if ('error' in trust) throw new Error(trust.error);
  return { manifest: signed, root: spki, trust };
}
