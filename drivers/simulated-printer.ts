/** A printer at a workbench: the bytes of a serial one, drawn by a program. */
import type { Bytes, Driver, Printer } from '../src/contracts.js';
import { type EscposSettings, escposOver, escposSettings } from './_escpos.js';

export default {
  role: 'printer',
  port: 'simulated-bytes',
  settings: escposSettings,
  attach: escposOver,
} satisfies Driver<Bytes, EscposSettings, Printer>;
