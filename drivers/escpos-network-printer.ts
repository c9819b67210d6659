/** A receipt printer on the LAN, at its raw port. */
import type { Bytes, Driver, Printer } from '../src/contracts.js';
import { type EscposSettings, escposOver, escposSettings } from './_escpos.js';

export default {
  role: 'printer',
  port: 'tcp',
  settings: escposSettings,
  attach: escposOver,
} satisfies Driver<Bytes, EscposSettings, Printer>;
