/**
 * Live cameras, by a program that writes raw pictures to its standard output. Three buffers, whatever happens: one is being
 * filled, one holds the latest picture, one is with the decoder. What the decoder has no time for is dropped, never kept.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Codes, LinkLost, Picture, Port } from '../contracts.js';
import { type CameraAddress, cameraAddress, programOf } from './_camera-program.js';
import { closing, reasonOf } from './_closing.js';
import { type Decoder, openDecoder } from './_decoder.js';
import { frameCutter } from './_raw-frames.js';

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A camera needs a moment for its first picture; after that, so long without one is a camera that hangs. */
const FIRST_MS = 10_000;
const STALLS_MS = 3000;
/** A program that does not end when it is asked to. */
const STUBBORN_MS = 1000;
const WORDS = 300;

/** @throws Error while the camera is away, or the program is not installed, or no picture comes */
async function open(address: CameraAddress): Promise<Codes> {
  const decoder = await openDecoder();
  const { file, args } = programOf(address);
  // The daemon's environment holds its secrets; a camera program needs none of it.
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/local/bin:/usr/bin:/bin' } });
  const live = liveLink(address, child, decoder);
  const failed = await Promise.race([live.first, live.link.closed]);
  if (failed === undefined) return live.link;
  await live.link.close();
  throw new Error(failed.reason);
}

interface Live {
  readonly link: Codes;
  /** Resolves at the first whole picture. */
  readonly first: Promise<undefined>;
}

function liveLink(address: CameraAddress, child: Child, decoder: Decoder): Live {
  const end = closing();
  let shutting: Promise<void> | undefined;
  const finish = (lost: LinkLost | undefined): Promise<void> => {
    end.end(lost);
    clearTimeout(patience);
    shutting ??= Promise.all([gone(child), decoder.close()]).then(() => undefined);
    return shutting;
  };
  const lose = (reason: string): void => void finish({ reason });
  const noPicture = (ms: number) => setTimeout(() => lose(`no picture for ${ms / 1000} s`), ms);
  let patience = noPicture(FIRST_MS);
  let began: (value: undefined) => void = () => undefined;
  const first = new Promise<undefined>((resolve) => {
    began = resolve;
  });

  const listeners: ((picture: Picture) => void)[] = [];
  const latest = latestOnly(address, decoder, (picture) => {
    if (!end.ended) for (const listener of listeners) listener(picture);
  });
  const cut = frameCutter(programOf(address).shape, (full) => {
    clearTimeout(patience);
    if (!end.ended) patience = noPicture(STALLS_MS);
    began(undefined);
    return latest(full);
  });
  child.stdout.on('data', (chunk: Uint8Array) => end.ended || cut(chunk));
  whenEnded(child, lose);
  void decoder.lost.then(lose);
  return {
    first,
    link: { kind: 'codes', closed: end.closed, onPicture: (listener) => void listeners.push(listener), close: () => finish(undefined) },
  };
}

/** Takes a full buffer, returns one to fill. While the decoder is busy, a newer picture takes the place of the one that waits. */
function latestOnly(
  { width, height }: CameraAddress,
  decoder: Decoder,
  tell: (picture: Picture) => void,
): (full: Uint8Array) => Uint8Array {
  let free: Uint8Array | undefined;
  let waiting: { readonly pixels: Uint8Array; readonly at: number } | undefined;
  let isBusy = false;
  const look = async (pixels: Uint8Array, at: number): Promise<void> => {
    isBusy = true;
    const answer = await decoder.look({ width, height, pixels }, 'glance');
    isBusy = false;
    free = answer.pixels;
    const next = waiting;
    waiting = undefined;
    if (next) void look(next.pixels, next.at);
    tell({ at, code: answer.code });
  };
  const another = (): Uint8Array => {
    const pixels = free ?? new Uint8Array(width * height);
    free = undefined;
    return pixels;
  };
  return (full) => {
    const at = Number(process.hrtime.bigint()) / 1e6;
    if (!isBusy) {
      void look(full, at);
      return another();
    }
    const dropped = waiting?.pixels;
    waiting = { pixels: full, at };
    return dropped ?? another();
  };
}

/** Tells why the program ended, in its own last words where it had any. */
function whenEnded(child: Child, lose: (reason: string) => void): void {
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-WORDS);
  });
  child.once('error', (error) => lose(reasonOf(error)));
  child.once('close', (code, signal) => {
    const said = words.trim().split('\n').at(-1) ?? '';
    lose(`${child.spawnfile} ended (${signal ?? code})${said === '' ? '' : `: ${said}`}`);
  });
}

/** Ends the program; resolves when it is gone. One that never started is gone already. */
async function gone(child: Child): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killing = setTimeout(() => child.kill('SIGKILL'), STUBBORN_MS);
  child.kill();
  await exited;
  clearTimeout(killing);
}

export default { address: cameraAddress, open } satisfies Port<Codes, CameraAddress>;
