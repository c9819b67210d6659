/** The keys and certificates that the configuration names, read once, at the start. */
import { readFileSync } from 'node:fs';
import { type Loaded } from '../configuration.js';
import { createOpener, type Opener } from '../crypto/seal.js';
import { kidOfPoint, pointOfSpki, privateKey } from '../crypto/sm2.js';
import { ConfigurationError } from '../faults.js';
import type { Signer } from '../messages/signed.js';
import { isTestRoot } from '../messages/test-root.js';

interface Tls {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

export interface Keys {
  /** x‖y of the pinned root. */
  readonly root: Uint8Array;
  /** Signs what this terminal says to the platform. */
  readonly signer: Signer;
  /** Opens what is sealed to this terminal; undefined: it is given no secrets. */
  readonly opener: Opener | undefined;
  /** PEM, as the files are now; what cannot be read any more stays as it was. */
  tls(): Tls;
}

/** @throws ConfigurationError with every file that cannot be used */
export function readKeys({ configuration, resolve, fault }: Loaded): Keys {
  const faults: string[] = [];
  const read = <T>(at: readonly ['keys' | 'uplink', string], file: string | undefined, use: (bytes: Buffer) => T): T | undefined => {
    if (file === undefined) return undefined;
    const path = resolve(file);
    try {
      return use(readFileSync(path));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      faults.push(fault(at, `密钥或证书不可用 ${path}`, `the key or certificate cannot be used: ${reason}`));
      return undefined;
    }
  };
  const { keys, uplink, terminal } = configuration;
  const root = read(['keys', 'root'], keys.root, rootPoint);
  const sign = read(['keys', 'sign'], keys.sign, privateKey);
  const open = read(['keys', 'open'], keys.open, privateKey);
  const pem = (name: 'ca' | 'cert' | 'key'): Buffer | undefined => read(['uplink', name], uplink?.[name], (bytes) => bytes);
  let last: Tls = { ca: pem('ca'), cert: pem('cert'), key: pem('key') };
  if (root && terminal.mode === 'production' && isTestRoot(kidOfPoint(root))) {
    faults.push(fault(['keys', 'root'], '正式模式拒绝测试根密钥', 'production mode refuses a TEST root'));
  }
  if (!root || !sign || faults.length > 0) throw new ConfigurationError(faults);
  return {
    root,
    signer: { kid: kidOfPoint(sign.public.point), sign: sign.sign },
    opener: open && createOpener(open.scalar(), kidOfPoint(open.public.point)),
    tls: () => (last = again(configuration, resolve) ?? last),
  };
}

/** undefined: one of them cannot be read at this moment. */
function again({ uplink }: Loaded['configuration'], resolve: Loaded['resolve']): Tls | undefined {
  const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readFileSync(resolve(file)));
  try {
    return { ca: read(uplink?.ca), cert: read(uplink?.cert), key: read(uplink?.key) };
  } catch {
    return undefined; // the files were good at the start: whoever changes them is at it now
  }
}

function rootPoint(spki: Buffer): Uint8Array {
  const point = pointOfSpki(spki);
  if (!point) throw new Error('not the SubjectPublicKeyInfo (DER) of an SM2 key');
  return point;
}
