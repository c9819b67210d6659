/** Zebra scanners in SSI mode on a serial line or USB-CDC: checked packets, each acknowledged, so that binary codes come whole. */
import { z } from 'zod';
import type { Bytes, Driver, Log, Scanner } from '../src/contracts.js';
import type { Framer } from '../src/framing/frames.js';
import { SCAN_ENABLE, type SsiFramer, type SsiHeard, ssiFramer } from '../src/framing/ssi.js';
import { framedScanner, scannerSettings } from './_scanner.js';

const { maxBytes, armour } = scannerSettings.shape;

const settings = z.strictObject({
  codeType: z.enum(['every', 'first']).default('every').describe('before which parts of a long code its symbology stands'),
  gapMs: z.number().int().min(20).max(2000).default(300).describe('what is unfinished for so long is asked for again'),
  maxBytes,
  armour,
});
type Settings = z.infer<typeof settings>;

function attach(link: Bytes, { codeType, ...rest }: Settings, log: Log): Scanner & { close(): void } {
  const framer = answering(link, ssiFramer({ codeType, limit: rest.maxBytes }));
  const scanner = framedScanner((listener) => link.onData(listener), { ...rest, framer }, log);
  // Another host may have left it switched off.
  link.write(SCAN_ENABLE);
  return scanner;
}

function answering(link: Bytes, ssi: SsiFramer): Framer {
  const answer = ({ answers, framed }: SsiHeard): SsiHeard['framed'] => {
    for (const bytes of answers) link.write(bytes);
    return framed;
  };
  return { push: (chunk) => answer(ssi.push(chunk)), idle: () => answer(ssi.idle()) };
}

export default { role: 'scanner', port: 'serial', settings, attach } satisfies Driver<Bytes, Settings, Scanner>;
