/** The TLS files of the uplink: inside their dates, of this terminal, certificate and key of one pair. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Instant } from '../contracts.js';
import { type Check, found, type Outcome, type Patient, reasonOf, right, skipped } from './check.js';
import { privateFile } from './keys.js';

const SOON = 14 * 86_400_000;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export const certificates: Check = {
  title: { zh: '证书', en: 'certificates' },
  look(patient, { clocks }) {
    const { uplink } = patient.configuration;
    if (!uplink?.ca && !uplink?.cert) return [skipped('没有配置 TLS 证书', 'no TLS certificates are configured')];
    const outcomes = (['ca', 'cert'] as const).flatMap((field) => dated(patient, field, clocks.wall()));
    const key = uplink.key === undefined ? [] : privateFile('uplink.key', patient.resolve(uplink.key), createPrivateKey);
    return [...outcomes, ...key, ...belongs(patient)];
  },
};

function dated({ configuration, resolve }: Patient, field: 'ca' | 'cert', now: Instant): readonly Outcome[] {
  const path = configuration.uplink?.[field];
  if (path === undefined) return [];
  try {
    const all = certificatesIn(resolve(path));
    return all.length > 0
      ? all.map((one) => withinDates(one, `uplink.${field} ${path}`, now))
      : [found('key-unusable', `uplink.${field} ${path}: no PEM`)];
  } catch (error) {
    return [found('key-unusable', `uplink.${field} ${path}: ${reasonOf(error)}`)];
  }
}

function certificatesIn(file: string): readonly X509Certificate[] {
  return [...readFileSync(file, 'latin1').matchAll(PEM)].map(([pem]) => new X509Certificate(pem));
}

export function withinDates({ validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>, whose: string, now: Instant): Outcome {
  const at = `${whose}: ${validFrom} … ${validTo}`;
  if (now < Date.parse(validFrom) || now >= Date.parse(validTo)) return found('certificate-expired', at);
  return now >= Date.parse(validTo) - SOON ? found('certificate-ends-soon', at) : right(at);
}

/** Pairs only what the checks above could read; they have told the rest. */
function belongs({ configuration, resolve }: Patient): readonly Outcome[] {
  const { uplink, terminal } = configuration;
  if (!uplink?.cert || !uplink.key) return [];
  try {
    const [own] = certificatesIn(resolve(uplink.cert));
    if (!own) return [];
    if (!own.checkPrivateKey(createPrivateKey(readFileSync(resolve(uplink.key)))))
      return [found('certificate-foreign', 'uplink.cert ≠ uplink.key')];
    const named = own.subject.split('\n').includes(`CN=${terminal.id}`);
    return named ? [] : [found('certificate-foreign', `${own.subject.replaceAll('\n', ', ')} ≠ CN=${terminal.id}`)];
  } catch {
    return [];
  }
}
