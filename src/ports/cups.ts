/** A print queue of CUPS, by `lp` and `lpstat`: office printers, whatever they speak. The job is CUPS's own once it is taken. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import type { Files, Port } from '../contracts.js';
import { closing } from './_closing.js';

const address = z.strictObject({
  queue: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}$/)
    .describe('name of the queue: lpstat -e lists them'),
  server: z
    .string()
    .regex(/^[A-Za-z0-9/][A-Za-z0-9._:/-]{0,252}$/)
    .optional()
    .describe('host[:port] or socket of CUPS; absent: the one of this box'),
});
export type CupsAddress = z.infer<typeof address>;

const PATIENCE_MS = 15_000;
const LONGEST_SAID = 8192;

/** @throws Error while there is no such queue, or no CUPS */
async function open({ queue, server }: CupsAddress): Promise<Files> {
  const at = server === undefined ? [] : ['-h', server];
  const look = (): Promise<string> => said('lpstat', [...at, '-l', '-p', queue]);
  await look();
  const end = closing();
  return {
    kind: 'files',
    closed: end.closed,
    async send({ bytes }) {
      await said('lp', [...at, '-d', queue, '-t', 'ankang', '-o', 'media=A4', '-o', 'print-scaling=none', '-'], bytes);
    },
    async alerts() {
      try {
        return alertsIn(await look());
      } catch (error) {
        end.end({ reason: error instanceof Error ? error.message : String(error) });
        return [];
      }
    },
    close: async () => end.end(undefined),
  };
}

/** Of `lpstat -l -p`: a line of IPP's printer-state-reasons; the first line says when the queue is switched off. */
function alertsIn(text: string): readonly string[] {
  const words = /^\s*Alerts:\s*(.+)$/m.exec(text)?.[1]?.split(/[\s,]+/) ?? [];
  const off = /^printer \S+ disabled/m.test(text) ? ['paused'] : [];
  return [...off, ...words.filter((word) => word !== '' && word !== 'none')];
}

/** What a program said, in English whatever the box speaks. @throws Error when it failed, with what it said of that */
async function said(program: string, words: readonly string[], input?: Uint8Array): Promise<string> {
  const child = spawn('env', ['LC_ALL=C', program, ...words], { stdio: 'pipe', timeout: PATIENCE_MS });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out = (out + chunk.toString()).slice(0, LONGEST_SAID)));
  child.stderr.on('data', (chunk: Buffer) => (err = (err + chunk.toString()).slice(0, LONGEST_SAID)));
  // A program that ends before it has read everything says why by its code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(err.trim() || `${program}: ${code ?? 'no answer in time'}`);
  return out;
}

export default { address, open } satisfies Port<Files, CupsAddress>;
