/** A receipt printer on USB that is a printer there and no serial line. */
import type { Bytes, Driver, Printer } from '../src/contracts.js';
import { type EscposSettings, escposOver, escposSettings } from './_escpos.js';

export default {
  role: 'printer',
  port: 'usblp',
  settings: escposSettings,
  attach: escposOver,
} satisfies Driver<Bytes, EscposSettings, Printer>;
