/** Scanners in keyboard mode, read below the keyboard: no layout, focus or input method of the system comes between. */
import { z } from 'zod';
import type { Driver, Log, Reports, Scanner } from '../src/contracts.js';
import { keyboardFramer } from '../src/framing/keyboard.js';
import { CR, LF, TAB } from '../src/framing/suffix.js';
import { framedScanner, scannerSettings } from './_scanner.js';

const { maxBytes, armour } = scannerSettings.shape;

const settings = z.strictObject({
  ends: z.enum(['enter', 'tab']).default('enter').describe('the key that ends a code; a pause ends it as well'),
  gapMs: z.number().int().min(20).max(2000).default(200).describe('a pause this long ends a code'),
  alt: z.enum(['unicode', 'gbk']).default('unicode').describe('what the decimals of Alt and keypad digits are'),
  reportId: z.number().int().min(0).max(255).default(0).describe('of the keyboard reports; 0: the device uses none'),
  maxBytes,
  armour,
});
type Settings = z.infer<typeof settings>;

function attach(link: Reports, { ends, alt, reportId, ...rest }: Settings, log: Log): Scanner & { close(): void } {
  const framer = keyboardFramer({ ends: ends === 'tab' ? [TAB] : [CR, LF], limit: rest.maxBytes, alt });
  const listen = (listener: (report: Uint8Array) => void): void =>
    link.onReport((report) => {
      if (reportId === 0) listener(report);
      else if (report[0] === reportId) listener(report.subarray(1));
    });
  return framedScanner(listen, { ...rest, framer }, log);
}

export default { role: 'scanner', port: 'hid', settings, attach } satisfies Driver<Reports, Settings, Scanner>;
