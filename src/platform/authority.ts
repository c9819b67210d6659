/**
 * The county's certificate authority (P-256, X.509): certificates of terminals for broker and enrolment, of servers on request, and the list of those
 * that are struck. Its key lies in the county's folder; a county whose keys say TEST has a CA that says TEST.
 */
import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { Instant } from '../contracts.js';
import { pem as pemOf } from '../crypto/pem.js';

type CryptoKey = webcrypto.CryptoKey;

const DAY = 86_400_000;
const CA_DAYS = 3650;
/** wire.md 7. */
export const TERMINAL_DAYS = 180;
const SERVER_DAYS = 825;
const CRL_DAYS = 30;
/** A clock of a new terminal may be behind. */
const BACKDATED = DAY;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface Certified {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Lower-case hex. */
  readonly serial: string;
  readonly until: Instant;
}

export interface Authority {
  /** DER and PEM of the CA's own certificate. */
  readonly certificate: Uint8Array;
  readonly pem: string;
  /** SHA-256 of the DER: what a ticket pins. */
  readonly pin: Uint8Array;
  /** undefined: no PKCS#10 with a P-256 key that proves itself, or for another name. */
  certify(csr: Uint8Array, terminal: string, now: Instant): Promise<Certified | undefined>;
  /** A server at these names or addresses; PEM. */
  server(hosts: readonly string[], now: Instant): Promise<{ readonly cert: string; readonly key: string }>;
  /** A client that is no terminal, such as the county itself; PEM. */
  client(name: string, now: Instant): Promise<{ readonly cert: string; readonly key: string }>;
  /** PEM. */
  revocations(revoked: readonly { readonly serial: string; readonly at: Instant }[], now: Instant): Promise<string>;
}

export interface AuthorityAt {
  readonly folder: string;
  readonly region: string;
  readonly test: boolean;
  readonly now: Instant;
}

/** Makes the authority when there is none yet. @throws Error when its files cannot be read or written. */
export async function openAuthority(at: AuthorityAt): Promise<Authority> {
  const keyFile = join(at.folder, 'ca.key');
  const certificateFile = join(at.folder, 'ca.crt');
  if (!existsSync(certificateFile)) await found(at, keyFile, certificateFile);
  const key = await imported(readFileSync(keyFile, 'utf8'));
  const ca = new x509.X509Certificate(readFileSync(certificateFile, 'utf8'));
  const issuing = { issuer: ca.subject, signingAlgorithm: ALGORITHM, signingKey: key };

  const leaf = async (wanted: Leaf): Promise<Certified> => {
    const serial = `01${randomBytes(15).toString('hex')}`;
    const until = wanted.now + wanted.days * DAY;
    const certificate = await x509.X509CertificateGenerator.create({
      ...issuing,
      serialNumber: serial,
      subject: `CN=${wanted.name}`,
      notBefore: new Date(wanted.now - BACKDATED),
      notAfter: new Date(until),
      publicKey: wanted.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([wanted.use]),
        ...(wanted.hosts ? [new x509.SubjectAlternativeNameExtension(wanted.hosts.map(alternative))] : []),
      ],
    });
    return { certificate: new Uint8Array(certificate.rawData), serial, until };
  };

  const withKey = async (wanted: Omit<Leaf, 'publicKey'>): Promise<{ readonly cert: string; readonly key: string }> => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicKey = await publicKeyOf(pair.publicKey.export({ format: 'der', type: 'spki' }));
    const { certificate } = await leaf({ ...wanted, publicKey });
    return {
      cert: pemOf('CERTIFICATE', certificate) + ca.toString('pem'),
      key: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    };
  };

  return {
    certificate: new Uint8Array(ca.rawData),
    pem: ca.toString('pem'),
    pin: createHash('sha256').update(new Uint8Array(ca.rawData)).digest(),
    async certify(csr, terminal, now) {
      const publicKey = await requested(csr, terminal);
      return publicKey && leaf({ name: terminal, publicKey, now, days: TERMINAL_DAYS, use: x509.ExtendedKeyUsage.clientAuth });
    },
    server: ([name = 'localhost', ...more], now) =>
      withKey({ name, now, days: SERVER_DAYS, use: x509.ExtendedKeyUsage.serverAuth, hosts: [name, ...more] }),
    client: (name, now) => withKey({ name, now, days: SERVER_DAYS, use: x509.ExtendedKeyUsage.clientAuth }),
    async revocations(revoked, now) {
      const crl = await x509.X509CrlGenerator.create({
        ...issuing,
        thisUpdate: new Date(now - BACKDATED),
        nextUpdate: new Date(now + CRL_DAYS * DAY),
        entries: revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: new Date(at) })),
      });
      return pemOf('X509 CRL', new Uint8Array(crl.rawData));
    },
  };
}

interface Leaf {
  readonly name: string;
  readonly publicKey: CryptoKey;
  readonly now: Instant;
  readonly days: number;
  readonly use: x509.ExtendedKeyUsage;
  readonly hosts?: readonly string[];
}

/** The key first: a certificate without it would be of no use, and is what says that there is an authority. */
async function found({ region, test, now }: AuthorityAt, keyFile: string, certificateFile: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    name: `CN=${test ? 'TEST ' : ''}Ankang ${region} CA`,
    notBefore: new Date(now - BACKDATED),
    notAfter: new Date(now + CA_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys: { privateKey: await imported(pem), publicKey: await publicKeyOf(publicKey.export({ format: 'der', type: 'spki' })) },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  // A key that an interrupted founding left signs nothing yet.
  writeFileSync(keyFile, pem, { mode: 0o600 });
  writeFileSync(certificateFile, certificate.toString('pem'), { mode: 0o600, flag: 'wx' });
}

async function requested(csr: Uint8Array, terminal: string): Promise<CryptoKey | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(Uint8Array.from(csr));
    if (request.subject !== `CN=${terminal}` || !(await request.verify())) return undefined;
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return await publicKeyOf(key.export({ format: 'der', type: 'spki' }));
  } catch {
    return undefined; // the exception is the answer: no such request
  }
}

const imported = (pem: string): Promise<CryptoKey> => {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
};

const publicKeyOf = (spki: Uint8Array): Promise<CryptoKey> =>
  webcrypto.subtle.importKey('spki', Uint8Array.from(spki), ALGORITHM, true, ['verify']);

const alternative = (host: string): { type: 'ip' | 'dns'; value: string } => ({ type: isIP(host) ? 'ip' : 'dns', value: host });
