/** The TEST key ceremony: every key of a county, into one folder that says TEST wherever anyone may look. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../contracts.js';
import { kidOfPoint, privateKeyOf, spkiOf } from '../crypto/sm2.js';
import { hmacSm3, sm3 } from '../crypto/sm3.js';
import { isTestRoot } from '../messages/test-root.js';
import { type CountyKeys, issuerNames, type KeyFile, openKeys, type SecretsFile } from './keys.js';

const DAY = 86_400_000;
export const REGION = '341525';

/** Order of the group minus one (GB/T 32918.5): a private scalar is in [1, n−2]. */
const LARGEST_SCALAR = BigInt('0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54122');

/** How long each key lives, and what it may do (wire.md 1). */
const USES: Readonly<Record<string, { readonly types: readonly string[]; readonly days: number }>> = {
  root: { types: ['ak/trust', 'ak/secrets'], days: 3650 },
  issuer: { types: ['ak/person', 'ak/enterprise'], days: 730 },
  platform: { types: ['ak/command', 'ak/answer', 'ak/ack', 'ak/notice', 'ak/settlement'], days: 730 },
  seal: { types: ['seal'], days: 1095 },
  'mot-ca': { types: ['mot/ca'], days: 3650 },
  'mot-issuer': { types: ['mot/issuer'], days: 1095 },
  unionpay: { types: ['unionpay/code'], days: 1095 },
  sign: { types: ['ak/request', 'ak/head', 'ak/enrol', 'ak/venue'], days: 3650 },
  open: { types: ['open'], days: 3650 },
};

export interface Ceremony {
  readonly folder: string;
  /** Keys are valid from a day before this moment. */
  readonly now: Instant;
  readonly region?: string;
  /** Numbers of terminals to make keys for. */
  readonly terminals?: readonly string[];
  /** The same phrase gives the same keys: for tests that must repeat, never for anything else. */
  readonly seed?: string;
  /** Address of the PostgreSQL database that is its store (postgres://…); absent: a SQLite file in the folder. */
  readonly store?: string;
}

/** 32 bytes for a name; drawn anew for each `attempt`. */
type Draw = (name: string, attempt: number) => Uint8Array;

function drawing(seed: string | undefined): Draw {
  if (seed === undefined) return () => randomBytes(32);
  const key = sm3(Buffer.from(`TEST ${seed}`));
  return (name, attempt) => hmacSm3(key, Buffer.from(`${name}/${attempt}`));
}

/** @throws Error when the folder already holds a county. */
export function holdCeremony(ceremony: Ceremony): CountyKeys {
  const { folder, now, region = REGION } = ceremony;
  if (existsSync(join(folder, 'county.json'))) throw new Error(`${folder}: there is a county already`);
  const draw = drawing(ceremony.seed);
  for (const part of ['', 'keys', 'terminals']) mkdirSync(join(folder, part), { recursive: true, mode: 0o700 });
  writePrivate(
    join(folder, 'TEST'),
    'TEST keys of synthetic people. Production terminals refuse this root.\n测试密钥，正式终端拒绝此根。\n',
  );
  for (const name of ['root', 'issuer-1', 'platform', 'seal', 'mot-ca', 'mot-issuer', 'unionpay'])
    writeKey(folder, newKey({ name, now, draw }), name);
  const secrets: SecretsFile = {
    region: [hex(draw('region-0', 0))],
    site: hex(draw('site', 0)),
    list: hex(draw('list', 0)),
    broker: hex(draw('broker', 0)),
  };
  writeJson(join(folder, 'secrets.json'), secrets);
  for (const id of ceremony.terminals ?? [])
    makeTerminalKeys({ folder, id, now, ...(ceremony.seed === undefined ? {} : { seed: ceremony.seed }) });
  // Last, so that a ceremony cut short is not taken for a county.
  writeJson(join(folder, 'county.json'), { region, created: now, store: ceremony.store });
  return openKeys(folder);
}

export interface NewKeys {
  readonly folder: string;
  readonly now: Instant;
  readonly seed?: string;
}

/** Signing and opening key of one TEST terminal. @throws Error when there are keys of that name. */
export function makeTerminalKeys({ folder, id, now, seed }: NewKeys & { readonly id: string }): void {
  const draw = drawing(seed);
  writeJson(join(folder, 'terminals', `${id}.json`), {
    sign: newKey({ name: `terminal/${id}/sign`, now, draw }),
    open: newKey({ name: `terminal/${id}/open`, now, draw }),
  });
}

/** The next issuer key beside the ones there are, valid from `now`; its name. */
export function makeIssuerKey({ folder, now, seed }: NewKeys): string {
  const last = issuerNames(folder).at(-1) ?? 'issuer-0';
  const name = `issuer-${Number(last.slice('issuer-'.length)) + 1}`;
  writeKey(folder, newKey({ name, now: now + DAY, draw: drawing(seed) }), name);
  return name;
}

function newKey({ name, now, draw }: { readonly name: string; readonly now: Instant; readonly draw: Draw }): KeyFile {
  const use = USES[name.slice(name.lastIndexOf('/') + 1).replace(/-\d+$/, '')];
  if (!use) throw new Error(`no use is written down for a key called ${name}`);
  for (let attempt = 0; ; attempt++) {
    const d = draw(name, attempt);
    const scalar = BigInt(`0x${hex(d)}`);
    if (scalar === 0n || scalar >= LARGEST_SCALAR) continue;
    const { point } = privateKeyOf(d).public;
    const kid = kidOfPoint(point);
    if (name === 'root' && !isTestRoot(kid)) continue;
    const span = { validFrom: now - DAY, validUntil: now + use.days * DAY };
    return { label: `TEST ${name}`, types: [...use.types], kid: hex(kid), spki: hex(spkiOf(point)), d: hex(d), ...span };
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function writeKey(folder: string, key: KeyFile, name: string): void {
  writeJson(join(folder, 'keys', `${name}.json`), key);
}

const writeJson = (path: string, value: unknown): void => writePrivate(path, `${JSON.stringify(value, null, 2)}\n`);

/** `wx`: a key is never written over. */
function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
}
