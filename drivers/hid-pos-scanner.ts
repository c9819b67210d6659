/** Scanners in HID POS mode (usage page 0x8C): whole codes in any coding, and nothing typed into the console. */
import { z } from 'zod';
import type { Driver, Log, Reports, Scanner } from '../src/contracts.js';
import { posFramer } from '../src/framing/hid-pos.js';
import { framedScanner, scannerSettings } from './_scanner.js';

const { maxBytes, armour } = scannerSettings.shape;

const settings = z.strictObject({
  reportId: z.number().int().min(0).max(255).default(2).describe('of the scanned data report; 0: the device uses none'),
  length: z.enum(['byte', 'padded']).default('byte').describe('padded: the device sends no length byte and fills up with zeros'),
  dataBytes: z.number().int().min(1).max(1024).default(56).describe('room for data in one report'),
  gapMs: z.number().int().min(20).max(2000).default(500).describe('the rest of a code comes within this time or not at all'),
  maxBytes,
  armour,
});
type Settings = z.infer<typeof settings>;

function attach(link: Reports, { reportId, length, dataBytes, ...rest }: Settings, log: Log): Scanner & { close(): void } {
  const framer = posFramer({ reportId, length, dataBytes, limit: rest.maxBytes });
  return framedScanner((listener) => link.onReport(listener), { ...rest, framer }, log);
}

export default { role: 'scanner', port: 'hid', settings, attach } satisfies Driver<Reports, Settings, Scanner>;
