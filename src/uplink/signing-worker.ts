/** The other side of signing.ts: messages in, signatures out, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { privateKey } from '../crypto/sm2.js';

const { sign } = privateKey(workerData as Uint8Array);
parentPort?.on('message', (message: Uint8Array) => parentPort?.postMessage(sign(message)));
