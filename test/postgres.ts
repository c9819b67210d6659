/** A real PostgreSQL for tests and benches: a cluster in a folder of its own, on a free port, as a user without rights. */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './mosquitto.js';

const VERSIONS = '/usr/lib/postgresql';
const BIN = (existsSync(VERSIONS) ? readdirSync(VERSIONS) : [])
  .sort((a, b) => Number(b) - Number(a))
  .map((version) => join(VERSIONS, version, 'bin'))
  .find((bin) => existsSync(join(bin, 'initdb')));

/** For `{ skip }`: what to install where it is missing. */
export const NO_POSTGRES: string | false = BIN === undefined && 'apt-get install postgresql';

export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** `careful`: what it has confirmed is on the disk, as in earnest; else it is in memory, which is quicker. */
export async function startPostgres(writes: 'careful' | 'quick'): Promise<Postgres> {
  const program = (name: string): string => join(BIN ?? '', name);
  const folder = mkdtempSync(join(tmpdir(), 'ankang-pg-'));
  const data = join(folder, 'data');
  const who = servant();
  if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid);
  const initdb = ['-D', data, '-U', 'ankang', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions'];
  execFileSync(program('initdb'), initdb, { ...who, cwd: folder, stdio: 'pipe' });
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(writes === 'quick' ? ['fsync=off'] : [])];
  const server = spawn(program('postgres'), ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])], {
    ...who,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(server);
  return {
    url: `postgres://ankang@127.0.0.1:${port}/postgres`,
    async stop() {
      server.kill('SIGINT');
      if (server.exitCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to be root. */
function servant(): Pick<SpawnOptions, 'uid' | 'gid'> {
  if (process.getuid?.() !== 0) return {};
  const number = (which: '-u' | '-g'): number => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

async function ready(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`postgres ended: ${said}`)));
  });
}
