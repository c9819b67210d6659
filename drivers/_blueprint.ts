/**
 * The smallest whole driver: copy it, rename it (a leading _ is never loaded), add its recording under test/recordings.
 * A driver is given its open link and its checked settings; it knows bytes, nothing of people or rules. It opens nothing,
 * keeps nothing when the link is lost, and may throw: it is made anew at the next opening. What its own timers call must
 * not throw, since nobody stands behind a timer.
 */
import { z } from 'zod';
import type { Bytes, Driver, Log, Scanner } from '../src/contracts.js';
import { CR, LF, suffixFramer } from '../src/framing/suffix.js';

const settings = z.strictObject({ maxBytes: z.number().int().min(64).max(65_536).default(4096) });

function attach(link: Bytes, { maxBytes }: z.infer<typeof settings>, log: Log): Scanner {
  const framer = suffixFramer({ ends: [CR, LF], limit: maxBytes });
  return {
    role: 'scanner',
    onStart: () => undefined,
    onReading: (listener) =>
      link.onData((chunk) => {
        for (const framed of framer.push(chunk)) {
          if (framed.event === 'frame') listener(framed.bytes, 'code');
          else if (framed.event === 'over-long') log.warn('frame-over-long', { maxBytes });
        }
      }),
  };
}

export default { role: 'scanner', port: 'serial', settings, attach } satisfies Driver<Bytes, z.infer<typeof settings>, Scanner>;
