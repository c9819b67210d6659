/**
 * The workstation of a staffed window over a serial line: one line of JSON in UTF-8 for each person, CR LF behind it. It answers `OK` and the
 * number of the line; anything else, or nothing in time, and it has not got it.
 *
 *   → {"line":7,"told":{"name":"…","idNumber":"…"}} CR LF        ← OK 7 CR LF
 */
import { z } from 'zod';
import type { Bytes, Driver, Workstation } from '../src/contracts.js';
import { CR, LF, suffixFramer } from '../src/framing/suffix.js';

const settings = z.strictObject({
  withinMs: z.number().int().min(100).max(30_000).default(3000).describe('how long an answer is waited for'),
});
type Settings = z.infer<typeof settings>;

/** `OK 7` is all that it says. */
const LONGEST_ANSWER = 64;

function attach(link: Bytes, { withinMs }: Settings): Workstation {
  const framer = suffixFramer({ ends: [CR, LF], limit: LONGEST_ANSWER });
  const waiting = new Map<string, (has: boolean) => void>();
  let line = 0;
  link.onData((chunk) => {
    for (const framed of framer.push(chunk)) {
      if (framed.event === 'frame') waiting.get(new TextDecoder().decode(framed.bytes))?.(true);
    }
  });
  void link.closed.then(() => waiting.forEach((settle) => settle(false)));
  return {
    role: 'workstation',
    tell: (told) =>
      new Promise<boolean>((resolve) => {
        const answer = `OK ${++line}`;
        const timer = setTimeout(() => settle(false), withinMs);
        const settle = (has: boolean): void => {
          clearTimeout(timer);
          waiting.delete(answer);
          resolve(has);
        };
        waiting.set(answer, settle);
        link.write(new TextEncoder().encode(`${JSON.stringify({ line, told })}\r\n`));
      }),
  };
}

export default { role: 'workstation', port: 'serial', settings, attach } satisfies Driver<Bytes, Settings, Workstation>;
