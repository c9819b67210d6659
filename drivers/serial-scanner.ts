/** Code scanners on a serial line: RS-232, USB-CDC. */
import type { Bytes, Driver, Scanner } from '../src/contracts.js';
import { type ScannerSettings, scannerOver, scannerSettings } from './_scanner.js';

export default {
  role: 'scanner',
  port: 'serial',
  settings: scannerSettings,
  attach: scannerOver,
} satisfies Driver<Bytes, ScannerSettings, Scanner>;
