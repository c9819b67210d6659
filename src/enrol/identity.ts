/**
 * Who this box is, once it is enrolled: a folder in the state folder, whole or not there, for nobody else to read. Keys that were made and not
 * accepted yet wait beside it, so that a lost answer can be asked for again.
 */
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeCborMap, encodeCbor, isBytes } from '../crypto/cbor.js';
import { pem } from '../crypto/pem.js';
import { IDENTITY_FILES as FILES, type Identity } from '../identity.js';

/** PKCS#8 (DER) of the keys that were made here. */
export interface DeviceKeys {
  readonly sign: Uint8Array;
  readonly open: Uint8Array;
  readonly tls: Uint8Array;
}

export interface NewIdentity {
  readonly identity: Identity;
  readonly keys: DeviceKeys;
  /** SubjectPublicKeyInfo (DER) of the pinned root. */
  readonly root: Uint8Array;
  /** DER: this terminal's certificate, then the authority's. */
  readonly chain: readonly [Uint8Array, Uint8Array];
}

const PENDING = 'enrolling.cbor';

export const identityFolder = (state: string): string => join(state, FILES.folder);
export const isEnrolled = (state: string): boolean => existsSync(join(identityFolder(state), FILES.identity));

/** On disk, whole, before it returns; what was pending is gone. */
export function writeIdentity(state: string, { identity, keys, root, chain }: NewIdentity): void {
  const half = `${identityFolder(state)}.tmp`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  const [leaf, ca] = chain;
  writeFlushed(join(half, FILES.root), root);
  writeFlushed(join(half, FILES.sign), keys.sign);
  writeFlushed(join(half, FILES.open), keys.open);
  writeFlushed(join(half, FILES.tls), tlsPem(keys.tls, leaf, ca));
  writeFlushed(join(half, FILES.ca), Buffer.from(pem('CERTIFICATE', ca)));
  writeFlushed(join(half, FILES.identity), Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
  for (const name of readdirSync(half)) giveTo(state, join(half, name));
  giveTo(state, half);
  flushFolder(half);
  renameSync(half, identityFolder(state));
  rmSync(join(state, PENDING), { force: true });
  flushFolder(state);
}

/** The next TLS key and certificate, together or not at all. */
export function replaceTls(state: string, key: Uint8Array, [leaf, ca]: NewIdentity['chain']): void {
  const folder = identityFolder(state);
  const half = join(folder, `${FILES.tls}.tmp`);
  writeFlushed(half, tlsPem(key, leaf, ca));
  renameSync(half, join(folder, FILES.tls));
  flushFolder(folder);
}

/** PEM of `tls.pem`. */
export const readTls = (state: string): Buffer => readFileSync(join(identityFolder(state), FILES.tls));
export const readAuthority = (state: string): Buffer => readFileSync(join(identityFolder(state), FILES.ca));

/** Those that were made for this ticket and not accepted yet; undefined: none. */
export function readPending(state: string, ticket: Uint8Array): DeviceKeys | undefined {
  const file = join(state, PENDING);
  const fields = existsSync(file) ? decodeCborMap(readFileSync(file)) : undefined;
  const [of, sign, open, tls] = [1, 2, 3, 4].map((key) => fields?.get(key));
  if (!isBytes(of, 8) || !(sign instanceof Uint8Array) || !(open instanceof Uint8Array) || !(tls instanceof Uint8Array)) return undefined;
  return Buffer.from(of).equals(ticket) ? { sign, open, tls } : undefined;
}

export function writePending(state: string, ticket: Uint8Array, { sign, open, tls }: DeviceKeys): void {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const half = join(state, `${PENDING}.tmp`);
  writeFlushed(half, encodeCbor(new Map([ticket, sign, open, tls].map((value, i) => [i + 1, value]))));
  giveTo(state, half);
  renameSync(half, join(state, PENDING));
  flushFolder(state);
}

const tlsPem = (key: Uint8Array, leaf: Uint8Array, ca: Uint8Array): Buffer =>
  Buffer.from(pem('PRIVATE KEY', key) + pem('CERTIFICATE', leaf) + pem('CERTIFICATE', ca));

/** What root makes in the state folder (`sudo ankang enrol`) is the daemon's, whoever that is under systemd. */
function giveTo(state: string, path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(state);
  chownSync(path, uid, gid);
}

function writeFlushed(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
