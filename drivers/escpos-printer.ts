/** A receipt printer on a serial line, USB-CDC or Bluetooth. */
import type { Bytes, Driver, Printer } from '../src/contracts.js';
import { type EscposSettings, escposOver, escposSettings } from './_escpos.js';

export default {
  role: 'printer',
  port: 'serial',
  settings: escposSettings,
  attach: escposOver,
} satisfies Driver<Bytes, EscposSettings, Printer>;
