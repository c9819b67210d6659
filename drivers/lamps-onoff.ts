/** Lamps and buzzers on lines through sysfs. */
import type { Driver, Lines, Signaller } from '../src/contracts.js';
import { type LampSettings, lampSettings, lampsOver } from './_lamps.js';

export default { role: 'signal', port: 'sysfs-gpio', settings: lampSettings, attach: lampsOver } satisfies Driver<
  Lines,
  LampSettings,
  Signaller
>;
