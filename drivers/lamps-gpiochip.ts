/** Lamps and buzzers on lines of a GPIO character device. */
import type { Driver, Lines, Signaller } from '../src/contracts.js';
import { type LampSettings, lampSettings, lampsOver } from './_lamps.js';

export default { role: 'signal', port: 'gpiochip', settings: lampSettings, attach: lampsOver } satisfies Driver<
  Lines,
  LampSettings,
  Signaller
>;
