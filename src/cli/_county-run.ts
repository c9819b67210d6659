/** Runs a county until it is told to stop, with its log on standard error. */
import { once } from 'node:events';
import type { Log } from '../contracts.js';
import type { CountySettings } from '../platform/county.js';

/** Prints one JSON line with the addresses when the county is up. */
export async function untilStopped(settings: Omit<CountySettings, 'now' | 'log'>): Promise<void> {
  const [{ startCounty }, log] = await Promise.all([import('../platform/county.js'), jsonLog()]);
  const county = await startCounty({ ...settings, now: () => Date.now(), log });
  process.stdout.write(
    `${JSON.stringify({ board: county.boardUrl ?? null, broker: county.brokerUrl ?? null, region: county.keys.region })}\n`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await county.stop();
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
