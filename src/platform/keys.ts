/**
 * The county's key folder as it is read: keys with their uses and lifetimes, and the secrets that terminals are granted.
 *
 *   TEST                 there when nothing in the folder may ever be trusted outside a test
 *   county.json          region, time of the ceremony, address of the store where it is not a file of this folder
 *   secrets.json         region keys by epoch, masters of site, list and broker secrets
 *   keys/<name>.json     root, issuer-N, platform, seal, mot-ca, mot-issuer, unionpay
 *   terminals/<id>.json  sign and open of TEST terminals; real ones make them on the device
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Instant } from '../contracts.js';
import { kidOfPoint, type PrivateKey, privateKeyOf, spkiOf } from '../crypto/sm2.js';
import { hmacSm3 } from '../crypto/sm3.js';

/** A key of the county or of a TEST terminal. `d`: private scalar, 32 bytes. Valid while validFrom ≤ now < validUntil. */
export interface CountyKey {
  readonly name: string;
  readonly label: string;
  /** typ values of wire.md 1 that it may sign, or `seal`. */
  readonly types: readonly string[];
  readonly kid: Uint8Array;
  readonly spki: Uint8Array;
  /** x‖y */
  readonly point: Uint8Array;
  readonly d: Uint8Array;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  sign(message: Uint8Array): Uint8Array;
}

export interface TerminalKeys {
  readonly sign: CountyKey;
  readonly open: CountyKey;
}

export interface CountyKeys {
  readonly folder: string;
  readonly region: string;
  readonly test: boolean;
  readonly root: CountyKey;
  /** Newest last; the last one signs. */
  readonly issuers: readonly CountyKey[];
  readonly platform: CountyKey;
  readonly seal: CountyKey;
  readonly mot: { readonly index: number; readonly ca: CountyKey; readonly issuer: CountyKey };
  readonly unionpay: { readonly index: number; readonly key: CountyKey };
  /** Epoch of the region key is the index (wire.md 1.1). */
  readonly regionKeys: readonly Uint8Array[];
  siteKey(site: string, epoch: number): Uint8Array;
  listKey(list: string, epoch: number): Uint8Array;
  /** Password at the embedded broker; other brokers ask for certificates. */
  brokerPassword(user: string): string;
  /** @throws when the folder holds no private keys of this terminal. */
  terminal(id: string): TerminalKeys;
  terminals(): readonly string[];
}

export const MOT_INDEX = 1;
export const UNIONPAY_INDEX = 1;

const hex = z
  .string()
  .regex(/^[0-9a-f]+$/)
  .transform((text) => Uint8Array.from(Buffer.from(text, 'hex')));
const KEY_FILE = z.strictObject({
  label: z.string().max(100),
  types: z.array(z.string().max(32)).max(16),
  kid: hex,
  spki: hex,
  d: hex,
  validFrom: z.int(),
  validUntil: z.int(),
});
const TERMINAL_FILE = z.strictObject({ sign: KEY_FILE, open: KEY_FILE });
const COUNTY_FILE = z.strictObject({ region: z.string().regex(/^\d{6}$/), created: z.int(), store: z.string().max(1000).optional() });
const SECRETS_FILE = z.strictObject({ region: z.array(hex).min(1), site: hex, list: hex, broker: hex });

export type KeyFile = z.input<typeof KEY_FILE>;
export type SecretsFile = z.input<typeof SECRETS_FILE>;

/** A key folder that cannot be used: a file is missing, not as expected, or readable by others. */
export class KeyFileError extends Error {}

/** @throws KeyFileError naming the file */
function readJson<T>(path: string, schema: z.ZodType<T>): T {
  if ((found(() => statSync(path)).mode & 0o077) !== 0) throw new KeyFileError(`${path}: readable by others; chmod 600 it`);
  const text = found(() => readFileSync(path, 'utf8'));
  const checked = schema.safeParse(parsed(path, text));
  if (!checked.success) throw new KeyFileError(`${path}: ${z.prettifyError(checked.error)}`);
  return checked.data;
}

function found<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw new KeyFileError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KeyFileError(`${path}: no JSON`, { cause: error });
  }
}

function countyKey(name: string, file: z.output<typeof KEY_FILE>): CountyKey {
  const key: PrivateKey = privateKeyOf(file.d);
  const { point } = key.public;
  const kid = kidOfPoint(point);
  if (!Buffer.from(kid).equals(file.kid)) throw new KeyFileError(`key ${name}: its kid is not that of its scalar`);
  const { label, types, d, validFrom, validUntil } = file;
  return { name, label, types, kid, spki: spkiOf(point), point, d, validFrom, validUntil, sign: (message) => key.sign(message) };
}

export function openKey(folder: string, name: string): CountyKey {
  return countyKey(name, readJson(join(folder, 'keys', `${name}.json`), KEY_FILE));
}

/** issuer-1, issuer-2 … in the order of their numbers. */
export function issuerNames(folder: string): readonly string[] {
  const numbers = readdirSync(join(folder, 'keys')).flatMap((file) => /^issuer-(\d+)\.json$/.exec(file)?.[1] ?? []);
  return numbers
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => `issuer-${number}`);
}

/** The address of a county's PostgreSQL database; undefined: its store is a file. */
export const storeOf = (folder: string): string | undefined => readJson(join(folder, 'county.json'), COUNTY_FILE).store;

/** Opens the key folder; @throws KeyFileError with the file's name when something in it is not as it should be. */
export function openKeys(folder: string): CountyKeys {
  const { region } = readJson(join(folder, 'county.json'), COUNTY_FILE);
  const secrets = readJson(join(folder, 'secrets.json'), SECRETS_FILE);
  const key = (name: string): CountyKey => openKey(folder, name);
  const derived = (master: Uint8Array, what: string): Uint8Array => hmacSm3(master, Buffer.from(what));
  return {
    folder,
    region,
    test: existsSync(join(folder, 'TEST')),
    root: key('root'),
    issuers: issuerNames(folder).map(key),
    platform: key('platform'),
    seal: key('seal'),
    mot: { index: MOT_INDEX, ca: key('mot-ca'), issuer: key('mot-issuer') },
    unionpay: { index: UNIONPAY_INDEX, key: key('unionpay') },
    regionKeys: secrets.region,
    siteKey: (site, epoch) => derived(secrets.site, `site/${epoch}/${site}`),
    listKey: (list, epoch) => derived(secrets.list, `list/${epoch}/${list}`),
    brokerPassword: (user) =>
      Buffer.from(derived(secrets.broker, `broker/${user}`))
        .toString('base64url')
        .slice(0, 32),
    terminal: (id) => terminalKeys(folder, id),
    terminals: () =>
      readdirSync(join(folder, 'terminals'))
        .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
        .sort(),
  };
}

function terminalKeys(folder: string, id: string): TerminalKeys {
  const file = readJson(join(folder, 'terminals', `${id}.json`), TERMINAL_FILE);
  return { sign: countyKey(`${id}/sign`, file.sign), open: countyKey(`${id}/open`, file.open) };
}
