/** The SM2 keys of the terminal: there, usable, nobody else's to read, and not a TEST root in production. */
import { readFileSync } from 'node:fs';
import { selfTest } from '../crypto/self-test.js';
import { kidOfPoint, pointOfSpki, privateKey } from '../crypto/sm2.js';
import { isTestRoot } from '../messages/test-root.js';
import { type Check, found, type Outcome, type Patient, reasonOf, right, skipped } from './check.js';
import { look } from './files.js';

export const keys: Check = {
  title: { zh: '密钥', en: 'keys' },
  look(patient) {
    if (patient.awaited) return [sm2(), found('not-enrolled', patient.resolve(patient.configuration.terminal.state))];
    const { root, sign, open } = patient.configuration.keys;
    return [
      sm2(),
      rootKey(patient, patient.resolve(root)),
      ...privateFile('keys.sign', patient.resolve(sign), privateKey),
      ...(open === undefined ? [] : privateFile('keys.open', patient.resolve(open), privateKey)),
    ];
  },
};

function sm2(): Outcome {
  try {
    selfTest();
    return right(`SM2, SM3, SM4: Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl}`);
  } catch (error) {
    return found('sm2-missing', reasonOf(error));
  }
}

function rootKey({ configuration }: Patient, path: string): Outcome {
  try {
    const point = pointOfSpki(readFileSync(path));
    if (!point) return found('key-unusable', `keys.root ${path}: not the SubjectPublicKeyInfo (DER) of an SM2 key`);
    const isTest = configuration.terminal.mode === 'production' && isTestRoot(kidOfPoint(point));
    return isTest ? found('test-root', `keys.root ${path}`) : right(`keys.root ${path}`);
  } catch (error) {
    return found('key-unusable', `keys.root ${reasonOf(error)}`);
  }
}

/** systemd makes credentials for the time that the service runs, and lets nobody else in. */
const CREDENTIALS = '/run/credentials/';

/** A file that only its owner may read, and that `use` takes. */
export function privateFile(field: string, path: string, use: (bytes: Buffer) => unknown): readonly Outcome[] {
  if (path.startsWith(CREDENTIALS) && !look(path)) {
    return [
      skipped(
        `${field} 是 systemd 凭据，服务运行时才有：${path}`,
        `${field} is a systemd credential, there while the service runs: ${path}`,
      ),
    ];
  }
  try {
    use(readFileSync(path));
    const open = ((look(path)?.mode ?? 0) & 0o077) !== 0;
    return [open ? found('key-exposed', `${field} ${path}`) : right(`${field} ${path}`)];
  } catch (error) {
    return [found('key-unusable', `${field} ${path}: ${reasonOf(error)}`)];
  }
}
