/** Lamps and buzzers at a workbench. */
import type { Driver, Lines, Signaller } from '../src/contracts.js';
import { type LampSettings, lampSettings, lampsOver } from './_lamps.js';

export default { role: 'signal', port: 'simulated-lines', settings: lampSettings, attach: lampsOver } satisfies Driver<
  Lines,
  LampSettings,
  Signaller
>;
