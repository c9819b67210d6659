/** How an order is given to a county from the command line: its folder, its answer, and the words for what cannot be. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command as Commander, InvalidArgumentError } from 'commander';
import type { Instant } from '../contracts.js';
import { UsageError } from './command.js';

/** The store and the keys of a folder while one order is carried out; what it changed is issued, and its seq printed. */
export async function ordering(folder: string, carryOut: (parts: Parts) => Promise<unknown>): Promise<void> {
  await assertCounty(folder);
  const [{ openKeys, KeyFileError }, { setUp }, { issueTrust }] = await Promise.all([
    import('../platform/keys.js'),
    import('../platform/orders.js'),
    import('../platform/manifest.js'),
  ]);
  const keys = atKeys(() => openKeys(folder), KeyFileError);
  await looking(folder, async (store) => {
    await setUp(store, keys);
    const done = await carryOut({ keys, store, now: Date.now() });
    const { seq, fresh } = await issueTrust({ store, keys: openKeys(folder), now: Date.now() });
    print({ seq, fresh, ...(typeof done === 'object' ? done : {}) });
  });
}

/** The store of a folder while somebody looks at it. */
export async function looking(folder: string, look: (store: Parts['store']) => Promise<void>): Promise<void> {
  await assertCounty(folder);
  const [{ openCountyStore }, { OrderError }] = await Promise.all([import('../platform/open-store.js'), import('../platform/orders.js')]);
  const store = await openCountyStore(folder).catch(unreachable);
  try {
    await look(store);
  } catch (error) {
    throw error instanceof OrderError ? new UsageError(error.message) : error;
  } finally {
    await store.close();
  }
}

/** A database that is away, or does not let us in, is said without a stack. */
export function unreachable(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^(E[A-Z]+|28\w{3}|3D000|57P03)$/.test(code)) throw error;
  const why = error instanceof Error ? error.message || code : code;
  throw new UsageError(`数据库连不上 · the county's database cannot be reached: ${why}`);
}

/** Lets us in and takes our tables, before anything is written that names it. */
export async function assertStore(url: string): Promise<void> {
  if (!/^postgres(ql)?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new UsageError(`--store 地址不对 · is not such an address: ${url} (postgres://…)`);
  const { openPostgres } = await import('../platform/postgres.js');
  await (await openPostgres(url).catch(unreachable)).close();
}

export function keyFault(error: Error): UsageError {
  return new UsageError(`县平台的密钥不可用 · the keys of the county cannot be used: ${error.message}`);
}

/** A key folder that cannot be used is said without a stack. */
function atKeys<T>(work: () => T, KeyFileError: new (...of: never[]) => Error): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof KeyFileError ? keyFault(error) : error;
  }
}

export async function assertCounty(folder: string): Promise<void> {
  const { isCounty } = await import('../platform/county.js');
  if (!isCounty(folder)) throw new UsageError(`没有县平台 · there is no county here: ${folder}`);
}

export interface Parts {
  readonly keys: import('../platform/keys.js').CountyKeys;
  readonly store: import('../platform/store.js').CountyStore;
  readonly now: Instant;
}

export const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
/** A word beside the answer, on standard error: the answer is for programs too. */
export const note = (text: string): void => void process.stderr.write(`ankang: ${text}\n`);

export interface At {
  readonly county: string;
}

/** A sub-command with the option that all of them have. */
export function order(command: Commander, name: string, description: string): Commander {
  return command.command(name).description(description).requiredOption('-c, --county <folder>', '县平台目录 · folder of the county');
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('须为非负整数 · must be a whole number');
  return value;
}

export function numberWithin(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value < least || value > most) throw new InvalidArgumentError(`须为 ${least} 至 ${most} · must be ${least} to ${most}`);
    return value;
  };
}

export const port = numberWithin(0, 65_535);

/** What the disk refuses (no right, no such folder, a file that is there already) is said without a stack. */
export function atDisk<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new UsageError(`文件写不成 · cannot be written: ${error.message}`);
    throw error;
  }
}

/** The root's public key beside the keys, for `ankang verify --root` and for terminals; its path. */
export function rootFile({ folder, root }: Parts['keys']): string {
  const path = join(folder, 'root.spki');
  atDisk(() => writeFileSync(path, root.spki));
  return path;
}

/** The newest manifest as `ankang verify --trust` reads it, and where the root is. */
export async function manifestFile({ store, keys }: Parts, out: string): Promise<{ readonly out: string; readonly rootKey: string }> {
  const manifest = await store.manifest();
  if (!manifest) throw new UsageError('尚未签发清单 · no manifest was issued yet');
  atDisk(() => writeFileSync(out, manifest.bytes));
  return { out, rootKey: rootFile(keys) };
}

/** @throws UsageError */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`不是 JSON · not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
