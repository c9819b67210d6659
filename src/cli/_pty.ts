/** A pair of pseudo-terminals by socat: one end for the daemon's scanner, the other to type codes into. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface PtyPair {
  /** The terminal opens this as its serial scanner. */
  readonly device: string;
  /** What is written here arrives there. */
  readonly wire: string;
  stop(): void;
}

const PATIENCE_MS = 3000;

/** undefined where socat is not installed. */
export async function openPtyPair(device: string, wire: string): Promise<PtyPair | undefined> {
  const child = spawn('socat', [`pty,raw,echo=0,link=${device}`, `pty,raw,echo=0,link=${wire}`], { stdio: 'ignore' });
  const failed = new Promise<true>((resolve) => child.once('error', () => resolve(true)));
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    if (existsSync(device) && existsSync(wire)) return { device, wire, stop: () => void child.kill() };
    if (await Promise.race([failed, sleep(20, false)])) return undefined;
  }
  child.kill();
  return undefined;
}
