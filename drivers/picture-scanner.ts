/** Still pictures as a scanner: every picture that shows a code is a reading, since somebody took it for that. */
import { z } from 'zod';
import type { Codes, Driver, Scanner } from '../src/contracts.js';
import { scannerOfCodes } from './_codes.js';

const settings = z.strictObject({});
type Settings = z.infer<typeof settings>;

export default {
  role: 'scanner',
  port: 'pictures',
  settings,
  attach: (link, _settings, log) => scannerOfCodes(link, log, (code) => code !== undefined),
} satisfies Driver<Codes, Settings, Scanner>;
