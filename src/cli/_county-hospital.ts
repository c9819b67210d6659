/** The hospital that a county is connected to: one of its own over FHIR, or the reference hospital for counties with TEST keys. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirAddress } from '../platform/fhir/http.js';
import { readInput } from './_trust-files.js';
import { UsageError } from './command.js';

export interface HospitalOptions {
  readonly county: string;
  readonly hospital?: string;
  readonly hospitalToken?: string;
  readonly hospitalPort?: number;
}

export interface ConnectedHospital {
  readonly address: FhirAddress;
  stop(): Promise<void>;
}

/** The same patients and bookings as yesterday, where it is kept. */
export const hospitalPath = (folder: string): string => join(folder, 'hospital.sqlite');
export const DEMO_SEED = 341525;

/** undefined: none is wanted. @throws UsageError */
export async function connectHospital(options: HospitalOptions): Promise<ConnectedHospital | undefined> {
  const { county, hospital, hospitalToken, hospitalPort } = options;
  if (hospital !== undefined && hospitalPort !== undefined)
    throw new UsageError('--hospital 与 --hospital-port 只能选一个 · only one of --hospital and --hospital-port');
  if (hospitalToken !== undefined && hospital === undefined)
    throw new UsageError('--hospital-token 需要 --hospital · --hospital-token needs --hospital');
  if (hospitalPort !== undefined) return startReference(county, hospitalPort);
  if (hospital === undefined) return undefined;
  const token = hospitalToken === undefined ? undefined : Buffer.from(readInput(hospitalToken)).toString('utf8').trim();
  if (token !== undefined && !/^[\x21-\x7e]{1,4096}$/.test(token))
    throw new UsageError('--hospital-token 文件须为一行令牌 · the file must hold one token');
  return { address: { url: hospital, token }, stop: () => Promise.resolve() };
}

/** Kept beside the county's keys, so that `clinic-ledger` can use it. */
function tokenIn(folder: string): string {
  const file = join(folder, 'hospital.token');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** Its patients are nobody: a real county is not given it. */
async function startReference(folder: string, port: number): Promise<ConnectedHospital> {
  const [{ openKeys }, { startHospital }] = await Promise.all([import('../platform/keys.js'), import('../platform/hospital/server.js')]);
  if (!openKeys(folder).test) throw new UsageError('--hospital-port 仅限测试密钥 · is for counties with TEST keys only');
  const token = tokenIn(folder);
  const { url, stop } = await startHospital({ port, path: hospitalPath(folder), token, seed: DEMO_SEED, now: () => Date.now() });
  return { address: { url, token }, stop };
}
