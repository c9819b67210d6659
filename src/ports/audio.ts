/** A loudspeaker at ALSA, through `aplay` (alsa-utils). A county's own recordings replace ours file by file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type LinkLost, type Port, SOUNDS, type Sound, type Sounds } from '../contracts.js';
import { closing } from './_closing.js';

const address = z.strictObject({
  device: z.string().min(1).max(128).default('default').describe('name of the ALSA device: aplay -L lists them'),
  language: z.enum(['zh', 'en']).default('zh'),
  folder: z.string().min(1).max(4096).optional().describe('recordings of your own: <sound>.wav; what is not there is said by ours'),
});
export type AudioAddress = z.infer<typeof address>;

const OURS = fileURLToPath(new URL('../../../config/voice/', import.meta.url));

/** @throws Error when there is no such device, no aplay, or a recording cannot be read */
async function open({ device, language, folder }: AudioAddress): Promise<Sounds> {
  const files = new Map(SOUNDS.map((sound) => [sound, fileOf(sound, language, folder)]));
  for (const file of files.values()) accessSync(file, constants.R_OK);
  // Nothing at all, played: the device is there and lets itself be opened.
  const { code, said } = await ended(spawn('aplay', ['-q', '-D', device, '-t', 'raw', '-f', 'S16_LE', '/dev/null'], IO));
  if (code !== 0) throw new Error(said || `aplay: ${code}`);
  return link(device, files);
}

const IO = { stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'] };

function fileOf(sound: Sound, language: string, folder: string | undefined): string {
  const own = folder && join(folder, `${sound}.wav`);
  return own && existsSync(own) ? own : join(OURS, language, `${sound}.wav`);
}

function link(device: string, files: ReadonlyMap<Sound, string>): Sounds {
  const end = closing();
  let playing: ChildProcess | undefined;
  const quiet = (): void => {
    playing?.kill('SIGKILL');
    playing = undefined;
  };
  const finish = (lost: LinkLost | undefined): void => {
    quiet();
    end.end(lost);
  };
  return {
    kind: 'sounds',
    closed: end.closed,
    play(sound) {
      const file = files.get(sound);
      if (end.ended || !file) return;
      quiet();
      const child = spawn('aplay', ['-q', '-D', device, file], IO);
      playing = child;
      void ended(child).then(({ code, said }) => {
        // One that was silenced for the next is no fault of the device.
        if (playing !== child) return;
        playing = undefined;
        if (code !== 0) finish({ reason: said || `aplay: ${code}` });
      });
    },
    quiet,
    close: async () => finish(undefined),
  };
}

const LONGEST_SAID = 500;

/** Never rejects: that there is no aplay is said like everything else. */
async function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly said: string }> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(0, LONGEST_SAID)));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said: said.trim() };
  } catch (error) {
    return { code: null, said: error instanceof Error ? error.message : String(error) };
  }
}

export default { address, open } satisfies Port<Sounds, AudioAddress>;
