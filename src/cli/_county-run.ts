/** Runs a county until it is told to stop, with its log on standard error. */
import type { Log } from '../contracts.js';
import type { CountySettings } from '../platform/county.js';
import type { Sandbox } from '../platform/pay-sandbox.js';
import { connectHospital } from './_county-hospital.js';
import { keyFault, unreachable } from './_county-order.js';
import { sceneTitles } from './_scene-titles.js';
import { toldToStop } from './_stopping.js';
import { readInput } from './_trust-files.js';
import { UsageError } from './command.js';

export interface RunOptions {
  readonly county: string;
  readonly port: number;
  readonly broker?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly board: number;
  readonly worker?: number;
  readonly gateway?: string;
  readonly trustedIdentity?: string;
  /** 12 bytes of hex: organisation and application. */
  readonly trustedIdentityCustomer?: string;
  readonly paySandbox?: true;
  /** A FHIR server's base, and the file of its token; or the port of the reference hospital. */
  readonly hospital?: string;
  readonly hospitalToken?: string;
  readonly hospitalPort?: number;
  readonly phonesPort?: number;
  readonly enrolPort?: number;
  readonly enrolHost: string;
  readonly enrolNames?: readonly string[];
}

type Settings = Omit<CountySettings, 'now' | 'log'>;

/** Prints one JSON line with the addresses when the county is up. @throws UsageError for options that cannot be. */
export async function runCounty(options: RunOptions): Promise<void> {
  const settings = settingsOf(options);
  const [{ startCounty }, { KeyFileError }, log] = await Promise.all([
    import('../platform/county.js'),
    import('../platform/keys.js'),
    jsonLog(),
  ]);
  const atKeys = (error: Error): never => {
    throw error instanceof KeyFileError ? keyFault(error) : error;
  };
  const titles = await sceneTitles();
  const provider = options.paySandbox && (await sandboxOf(options.county).catch(atKeys));
  const hospital = await connectHospital(options).catch(atKeys).catch(refusedPort);
  const connected = { ...(provider && { provider }), ...(hospital && { hospital: hospital.address }) };
  const county = await startCounty({
    ...settings,
    ...(settings.board && { board: { ...settings.board, titles } }),
    ...connected,
    now: () => Date.now(),
    log,
  })
    .catch(async (error: Error) => {
      await hospital?.stop();
      throw error;
    })
    .catch(atKeys)
    .catch(refusedPort)
    .catch(unreachable);
  process.stdout.write(
    `${JSON.stringify({ board: county.boardUrl ?? null, broker: county.brokerUrl ?? null, enrol: county.enrolPort ?? null, phones: county.phonesUrl ?? null, ...(hospital && { hospital: hospital.address.url }), region: county.keys.region })}\n`,
  );
  await toldToStop();
  await county.stop();
  await hospital?.stop();
  provider?.end();
}

/** Nobody's money may be believed to have moved. */
async function sandboxOf(folder: string): Promise<Sandbox> {
  const [{ openKeys }, { openSandbox, sandboxPath }] = await Promise.all([
    import('../platform/keys.js'),
    import('../platform/pay-sandbox.js'),
  ]);
  if (!openKeys(folder).test) throw new UsageError('--pay-sandbox 仅限测试密钥 · is for counties with TEST keys only');
  return openSandbox({ file: sandboxPath(folder), now: () => Date.now() });
}

function settingsOf(options: RunOptions): Settings {
  const { county, worker, gateway, board } = options;
  if (worker !== undefined && options.broker === undefined)
    throw new UsageError('--worker 需要 --broker · --worker needs a broker with shared subscriptions');
  if (gateway !== undefined) assertUrl('--gateway', gateway, ['http:', 'https:']);
  if (options.hospital !== undefined) assertUrl('--hospital', options.hospital, ['http:', 'https:']);
  return {
    folder: county,
    broker: brokerOf(options),
    ...(worker ? {} : { board: { port: board } }),
    ...(worker === undefined ? {} : { worker }),
    ...(gateway === undefined ? {} : { gateway }),
    ...trustedIdentityOf(options),
    ...enrolmentOf(options),
    ...(options.phonesPort === undefined || worker ? {} : { phones: { port: options.phonesPort } }),
  };
}

function trustedIdentityOf({ trustedIdentity: url, trustedIdentityCustomer: customer }: RunOptions): Pick<Settings, 'trustedIdentity'> {
  if (url === undefined) return {};
  assertUrl('--trusted-identity', url, ['http:', 'https:']);
  const given = /^[0-9a-f]{24}$/i.test(customer ?? '') ? Uint8Array.from(Buffer.from(customer ?? '', 'hex')) : undefined;
  if (!given) throw new UsageError('--trusted-identity-customer 须为 24 位十六进制 · must be 24 hex digits');
  return { trustedIdentity: { url, organisation: given.subarray(0, 8), application: given.subarray(8) } };
}

function enrolmentOf({ enrolPort, enrolHost, enrolNames }: RunOptions): Pick<Settings, 'enrolment'> {
  if (enrolPort === undefined) return {};
  return { enrolment: { host: enrolHost, port: enrolPort, names: enrolNames ?? [enrolHost] } };
}

function brokerOf(options: RunOptions): Settings['broker'] {
  if (options.broker === undefined) return { embedded: { port: options.port } };
  assertUrl('--broker', options.broker, ['mqtt:', 'mqtts:']);
  const file = (name: 'ca' | 'cert' | 'key') => (options[name] === undefined ? {} : { [name]: Buffer.from(readInput(options[name])) });
  return { url: options.broker, ...file('ca'), ...file('cert'), ...file('key') };
}

function assertUrl(option: string, text: string, schemes: readonly string[]): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && url.hostname !== '' && schemes.includes(url.protocol)) return;
  throw new UsageError(`${option} 地址不对 · is not such an address: ${text} (${schemes.map((scheme) => `${scheme}//…`).join(', ')})`);
}

/** A port that is taken, or not for this user, is the caller's to change. */
function refusedPort(error: NodeJS.ErrnoException & { readonly port?: number }): never {
  if (error.code === 'EADDRINUSE') throw new UsageError(`端口已被占用 · the port is in use: ${error.port}`);
  if (error.code === 'EACCES' && error.port !== undefined)
    throw new UsageError(`无权使用该端口 · this user may not open the port: ${error.port}`);
  throw error;
}

async function jsonLog(): Promise<Log> {
  const { pino } = await import('pino');
  const lines = pino({ base: null }, pino.destination({ fd: 2, sync: true }));
  return {
    info: (event, facts) => lines.info({ event, ...facts }),
    warn: (event, facts) => lines.warn({ event, ...facts }),
    error: (event, facts) => lines.error({ event, ...facts }),
  };
}
