/** A configuration as the commands read it: what is wrong with it is the caller's mistake, in words. */
import { type Loaded, loadConfiguration } from '../configuration.js';
import { ConfigurationError } from '../faults.js';
import { UsageError } from './command.js';

/** @throws UsageError when the file cannot be read or its form is wrong */
export function readConfiguration(file: string): Loaded {
  try {
    return loadConfiguration(file, process.env);
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(error.message);
    if (error instanceof Error && 'syscall' in error)
      throw new UsageError(`无法读取配置 · the configuration cannot be read: ${file}: ${error.message}`);
    throw error;
  }
}

/** The form first, then the keys that it names. @throws UsageError that tells which of the two is wrong */
export async function checkConfiguration(file: string): Promise<void> {
  const [{ loadStations }, { readKeys }] = await Promise.all([import('../station/load.js'), import('../station/keys.js')]);
  const loaded = readConfiguration(file);
  await asUsage(() => loadStations(loaded));
  const words = '配置的格式无误；下列密钥或证书不可用 · the form of the configuration is right; these keys or certificates cannot be used';
  const awaited = loaded.identity === 'awaited';
  // A box that waits for its ticket makes its keys when it comes.
  if (!awaited) await asUsage(() => readKeys(loaded), `${words}:\n`);
  const next = awaited
    ? '\n本机等待登记：启动后把登记码放到扫码口 · this box waits to be enrolled: start it and hold a ticket before its scanner'
    : '';
  process.stdout.write(`配置无误 · the configuration is right: ${file}${next}\n`);
}

/** Faults of the configuration as the caller's; `words` stand before them. */
export async function asUsage<T>(work: () => T | Promise<T>, words = ''): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(`${words}${error.message}`);
    throw error;
  }
}
