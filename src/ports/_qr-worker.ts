/** The thread that looks for codes: it holds one reader, warmed up, and answers one picture at a time, giving its pixels back. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { rotation, stagesFor } from './_qr-ladder.js';
import { openQrReader, type QrReader } from './_qr-reader.js';

/** `glance`: what a live stream has time for; `thorough`: everything, for a picture that comes once. */
export type Effort = 'glance' | 'thorough';

/** The pixels' buffer is moved, not copied, both ways. */
export interface Question {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly effort: Effort;
}

export interface Answer {
  readonly code: Uint8Array | undefined;
  readonly pixels: Uint8Array;
}

function serve(port: MessagePort, reader: QrReader): void {
  const turns = rotation();
  port.on('message', ({ effort, ...picture }: Question) => {
    const longest = Math.max(picture.width, picture.height);
    const found = reader.read(picture, effort === 'thorough' ? stagesFor(longest) : turns.next(longest));
    if (found) turns.found(found.stage);
    const answer: Answer = { code: found?.bytes, pixels: picture.pixels };
    port.postMessage(answer, [picture.pixels.buffer as ArrayBuffer]);
  });
  port.postMessage('ready');
}

if (parentPort) serve(parentPort, await openQrReader());
