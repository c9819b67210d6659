/**
 * Loaded before the daemon by `node --import`, for tests: at SIGUSR2 writes all that is reachable in the process as two files beside each
 * other, strings and bytes, into the folder that ANKANG_LOOK names. The daemon itself has no such door.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';

const folder = process.env['ANKANG_LOOK'] ?? '.';
const session = new Session();
session.connect();

interface Remote {
  readonly result?: { readonly objectId?: string };
  readonly objects?: { readonly objectId?: string };
}

/** Answered before it returns, as the session is of this very thread. */
function post(method: string, params: object): Remote {
  let answer: Remote = {};
  session.post(method, params, (error: Error | null, result?: object) => {
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    answer = result as Remote;
  });
  return answer;
}

/** Every object that has it in its chain, and can be reached. */
function allOf(prototype: string, take: (all: readonly unknown[]) => void): void {
  const found = post('Runtime.evaluate', { expression: prototype });
  const all = post('Runtime.queryObjects', { prototypeObjectId: found.result?.objectId, objectGroup: 'look' });
  Object.assign(globalThis, { ankangLook: take });
  post('Runtime.callFunctionOn', { objectId: all.objects?.objectId, functionDeclaration: 'function () { ankangLook(this); }' });
  Object.assign(globalThis, { ankangLook: undefined });
  post('Runtime.releaseObjectGroup', { objectGroup: 'look' });
}

/** Buffers of views that never asked for one are found by their views; a shared slab counts once. */
function reachableBytes(): Buffer {
  const buffers = new Set<ArrayBufferLike>();
  allOf('ArrayBuffer.prototype', (all) => {
    for (const one of all) if (one instanceof ArrayBuffer) buffers.add(one);
  });
  allOf('Object.getPrototypeOf(Uint8Array.prototype)', (all) => {
    for (const one of all) if (ArrayBuffer.isView(one)) buffers.add(one.buffer);
  });
  return Buffer.concat([...buffers].map((one) => Buffer.from(new Uint8Array(one))));
}

process.on('SIGUSR2', () => {
  const snapshot = join(folder, 'heap.tmp');
  writeHeapSnapshot(snapshot);
  writeFileSync(join(folder, 'bytes'), reachableBytes());
  rmSync(join(folder, 'heap'), { force: true });
  renameSync(snapshot, join(folder, 'heap'));
});
