/** What a TEST terminal is given to start with: root, its own keys, in the files that its configuration names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateKeyOf } from '../crypto/sm2.js';
import type { CountyKeys } from './keys.js';

export interface TerminalKit {
  /** Paths for `keys.root`, `keys.sign`, `keys.open` of the configuration. */
  readonly root: string;
  readonly sign: string;
  readonly open: string;
}

/** Writes SPKI and PKCS#8 DER, mode 0600. @throws when the county holds no keys of this terminal. */
export function writeTerminalKit(keys: CountyKeys, id: string, folder: string): TerminalKit {
  const { sign, open } = keys.terminal(id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes, { mode: 0o600 });
    return path;
  };
  return {
    root: write('root.spki', keys.root.spki),
    sign: write('sign.p8', privateKeyOf(sign.d).export()),
    open: write('open.p8', privateKeyOf(open.d).export()),
  };
}
