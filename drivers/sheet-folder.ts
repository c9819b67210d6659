/** Sheets as PNG and PDF in a folder, for a printer elsewhere. A card is somebody's, and lies there to be read: only where it is asked for. */
import type { Driver, Files, Printer } from '../src/contracts.js';
import { type SheetSettings, sheetSettings, sheetsOver } from './_sheets.js';

const settings = sheetSettings.extend({ takes: sheetSettings.shape.takes.unwrap().default(['poster', 'label']) });

export default {
  role: 'printer',
  port: 'folder',
  settings,
  attach: (link, wanted, log) => sheetsOver(link, { ...wanted, parts: ['png', 'pdf'] }, log),
} satisfies Driver<Files, SheetSettings, Printer>;
