/** An office printer behind a queue of CUPS: posters, cards and labels as PDF pages of A4. */
import type { Driver, Files, Printer } from '../src/contracts.js';
import { type SheetSettings, sheetSettings, sheetsOver } from './_sheets.js';

export default {
  role: 'printer',
  port: 'cups',
  settings: sheetSettings,
  attach: (link, settings, log) => sheetsOver(link, { ...settings, parts: ['pdf'] }, log),
} satisfies Driver<Files, SheetSettings, Printer>;
