/** A scanner at a workbench: the bytes of a serial one, typed by a program. */
import type { Bytes, Driver, Scanner } from '../src/contracts.js';
import { type ScannerSettings, scannerOver, scannerSettings } from './_scanner.js';

export default {
  role: 'scanner',
  port: 'simulated-bytes',
  settings: scannerSettings,
  attach: scannerOver,
} satisfies Driver<Bytes, ScannerSettings, Scanner>;
