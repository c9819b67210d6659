/** Trust from files that an operator names: manifest, root, and where they are at hand lists, data and the secrets that open the lists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trust } from '../contracts.js';
import { decodeCbor, decodeCborMap, isBytes, sameBytes } from '../crypto/cbor.js';
import { createOpener } from '../crypto/seal.js';
import { kidOfPoint, pointOfSpki, privateKey } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import type { Verifier } from '../crypto/verifier.js';
import { openByRoot } from '../messages/by-root.js';
import type { Datum } from '../messages/manifest.js';
import { listKeyName, openSecrets, type Secrets } from '../messages/secrets.js';
import { checkSteps, type StatusList, statusList } from '../messages/status-list.js';
import { atOnce } from '../messages/steps.js';
import { fileName } from '../trust/fetch.js';
import { loadTrust, openWith } from '../trust/load.js';
import { UsageError } from './command.js';

export interface TrustFiles {
  /** `ak/trust`, a COSE file. */
  readonly trust: string;
  /** SPKI DER. */
  readonly root: string;
  /** A folder of lists and data, `<name>@<version>` or as a terminal keeps them. */
  readonly lists?: string;
  /** `ak/secrets` of a terminal, and its opening key (PKCS#8 DER). */
  readonly secrets?: string;
  readonly open?: string;
}

/** `without`: what the manifest names and these files do not give, as `<name>@<version>`: it stays unknown. */
export interface FromFiles {
  readonly trust: Trust;
  readonly without: readonly string[];
}

/** @throws UsageError when a file or the folder is missing, not signed by the root, or not what the manifest says it is. */
export function trustFrom(files: TrustFiles, verifier: Verifier): FromFiles {
  const manifest = readInput(files.trust);
  const root = readInput(files.root);
  const opened = openWith(manifest, root);
  if ('error' in opened) throw new UsageError(`信任清单不可用 · the trust manifest cannot be used: ${opened.error}`);
  if (files.lists !== undefined) assertFolder(files.lists);
  const secrets = secretsOf(files, root);
  const lists = new Map<string, StatusList>();
  const data = new Map<string, unknown>();
  for (const datum of files.lists === undefined ? [] : opened.manifest.lists) {
    const key = secrets?.listKeys.get(listKeyName(datum.name, datum.version));
    const bytes = key && datumBytes(files.lists ?? '', datum);
    if (key && bytes) lists.set(datum.name, listOf(datum, key, bytes));
  }
  for (const datum of files.lists === undefined ? [] : opened.manifest.data) {
    const bytes = datumBytes(files.lists ?? '', datum);
    if (bytes) data.set(datum.name, decodeCbor(bytes));
  }
  const trust = loadTrust({ manifest, root, lists, data, verifier });
  if ('error' in trust) throw new UsageError(`信任清单不可用 · the trust manifest cannot be used: ${trust.error}`);
  const named = [...opened.manifest.lists, ...opened.manifest.data];
  const without = named.filter(({ name }) => !lists.has(name) && !data.has(name)).map(({ name, version }) => `${name}@${version}`);
  return { trust, without };
}

function assertFolder(folder: string): void {
  try {
    readdirSync(folder);
  } catch (error) {
    throw new UsageError(
      `名单文件夹不可用 · the folder of lists cannot be read: ${folder}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

export function readInput(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`无法读取 · cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** undefined: the file is not there, so the list is unknown. */
function datumBytes(folder: string, datum: Datum): Uint8Array | undefined {
  const names = [fileName(datum), `${datum.name}@${datum.version}`];
  const path = names.map((name) => join(folder, name)).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  const bytes = readInput(path);
  if (sameBytes(sm3(bytes), datum.sm3)) return bytes;
  throw new UsageError(`名单与清单不符 · not the file that the manifest names: ${path}`);
}

function listOf(datum: Datum, key: Uint8Array, bytes: Uint8Array): StatusList {
  if (!atOnce(checkSteps(bytes))) throw new UsageError(`名单没有按序排列 · not an ascending list: ${datum.name}`);
  return statusList(key, bytes);
}

function secretsOf({ secrets, open, lists }: TrustFiles, rootSpki: Uint8Array): Secrets | undefined {
  if (secrets === undefined && open === undefined) return undefined;
  if (secrets === undefined || open === undefined || lists === undefined) {
    throw new UsageError('--secrets、--open 与 --lists 须一起给出 · --secrets, --open and --lists go together');
  }
  const bytes = readInput(secrets);
  const root = pointOfSpki(rootSpki);
  const signed = root ? openByRoot(bytes, 'ak/secrets', [root]) : { error: 'stranger' };
  const to = 'payload' in signed ? decodeCborMap(signed.payload)?.get(1) : undefined;
  if (!root || typeof to !== 'string') throw new UsageError(`密钥包不是本根所签 · not secrets signed by this root: ${secrets}`);
  const { d, kid } = openingKey(open);
  const result = openSecrets({ bytes, terminal: to, roots: [root], opener: createOpener(d, kid) });
  if ('error' in result)
    throw new UsageError(`密钥包打不开（${result.error}）· the secrets cannot be opened (${result.error}): ${secrets}`);
  return result.secrets;
}

/** The scalar stands behind `version 1, OCTET STRING of 32` of RFC 5915. */
const SCALAR = Buffer.from('0201010420', 'hex');

function openingKey(file: string): { readonly d: Uint8Array; readonly kid: Uint8Array } {
  try {
    const key = privateKey(readInput(file));
    const der = Buffer.from(key.export());
    const at = der.indexOf(SCALAR) + SCALAR.length;
    const d = der.subarray(at, at + 32);
    if (at >= SCALAR.length && isBytes(d, 32)) return { d, kid: kidOfPoint(key.public.point) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `不是 SM2 私钥 · not an SM2 private key (PKCS#8 DER): ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  throw new UsageError(`不是 SM2 私钥 · not an SM2 private key (PKCS#8 DER): ${file}`);
}
