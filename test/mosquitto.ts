/** A real broker for tests: mosquitto with TLS, client certificates and the ACL that wire.md 4 asks for; it can be killed and started again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const FOUND = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto'].find(existsSync);
export const MOSQUITTO = FOUND ?? 'mosquitto';

/** For `{ skip }`: what to install where something is missing. */
export const NO_MOSQUITTO: string | false = FOUND ? false : 'apt-get install mosquitto openssl';

export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Mosquitto {
  readonly url: string;
  /** Paths of PEM files; the common name is the user. */
  tls(name: string): TlsFiles;
  start(): Promise<void>;
  /** SIGTERM: sessions and retained words are kept. SIGKILL: all that came since the start is lost. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** It holds its connections and does nothing more, as when its machine hangs. */
  freeze(): void;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface Wanted {
  /** Made when it is not there. */
  readonly folder: string;
  readonly region: string;
  /** Terminals that get a certificate, beside `county`. */
  readonly terminals: readonly string[];
  /** Certificates of somebody else's authority, in `folder`: ca.crt, broker.crt, broker.key, and a revocation list. */
  readonly certified?: { readonly crl?: string };
}

/** Not started yet. */
export async function createMosquitto({ folder, region, terminals, certified }: Wanted): Promise<Mosquitto> {
  mkdirSync(folder, { recursive: true });
  if (!certified) makeCertificates(folder, ['broker', 'county', ...terminals]);
  const port = await freePort();
  const file = (name: string): string => join(folder, name);
  const root = `ankang/v1/${region}`;
  const acl = [
    'user county',
    `topic readwrite ${root}/#`,
    `pattern write ${root}/up/%u/+`,
    `pattern read ${root}/down/%u/+`,
    `pattern read ${root}/trust/#`,
    `pattern read ${root}/operator/%u/settlement/+`,
    `pattern write ${root}/operator/%u/confirmed`,
    '',
  ];
  writeFileSync(file('acl'), acl.join('\n'));
  const settings = [
    'per_listener_settings true',
    `listener ${port} 127.0.0.1`,
    `cafile ${file('ca.crt')}`,
    `certfile ${file('broker.crt')}`,
    `keyfile ${file('broker.key')}`,
    ...(certified?.crl === undefined ? [] : [`crlfile ${certified.crl}`]),
    'require_certificate true',
    'use_identity_as_username true',
    `acl_file ${file('acl')}`,
    'persistence true',
    `persistence_location ${folder}/`,
    'log_type all',
    'max_inflight_messages 100',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    '',
  ];
  writeFileSync(file('mosquitto.conf'), settings.join('\n'));
  let child: ChildProcess | undefined;
  return {
    url: `mqtts://127.0.0.1:${port}`,
    tls: (name) => ({ ca: file('ca.crt'), cert: file(`${name}.crt`), key: file(`${name}.key`) }),
    async start() {
      child = await started(file('mosquitto.conf'));
    },
    freeze: () => void child?.kill('SIGSTOP'),
    async stop(signal = 'SIGTERM') {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/** What `tls` of a client wants. */
export function pems({ ca, cert, key }: TlsFiles): { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } {
  return { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
}

async function started(settings: string): Promise<ChildProcess> {
  const child = spawn(MOSQUITTO, ['-c', settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('running')) resolve();
    });
    child.once('exit', () => reject(new Error(`mosquitto ended: ${said}`)));
  });
  return child;
}

/** A TEST CA, and a certificate of two days for each name at 127.0.0.1. */
function makeCertificates(folder: string, names: readonly string[]): void {
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl(...fresh, '-subj', '/CN=TEST CA', '-keyout', 'ca.key', '-out', 'ca.crt');
  const leaf = [
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ];
  for (const name of names) openssl(...fresh, ...leaf, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`);
}
