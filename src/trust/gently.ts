/** Long work between scans: one short step a turn of the event loop. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { PART } from '../messages/status-list.js';
import type { Steps } from '../messages/steps.js';

/** One step a turn of the event loop, so that scans are served in between. */
export async function gently<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await setImmediate();
  }
}

/** SM3 of the bytes, one part a step. */
export function* sm3Steps(bytes: Uint8Array): Steps<Uint8Array> {
  const hash = createHash('sm3');
  for (let at = 0; at < bytes.length; at += PART) {
    hash.update(bytes.subarray(at, at + PART));
    yield;
  }
  return hash.digest();
}
