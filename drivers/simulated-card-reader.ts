/** A social security card reader at a workbench: result lines as a serial one sends them. */
import { z } from 'zod';
import type { Bytes, Driver, Scanner } from '../src/contracts.js';
import { gapMs, resultLines } from './_result-lines.js';

const settings = z.strictObject({ gapMs });

export default { role: 'scanner', port: 'simulated-bytes', settings, attach: resultLines } satisfies Driver<
  Bytes,
  z.infer<typeof settings>,
  Scanner
>;
