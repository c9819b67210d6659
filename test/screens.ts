/** Every state that the display of a gate can be in, for the tests in a browser and for the pictures under docs/screens. */
import type { Shown } from '../src/page/views.js';

const words = (zh: string, en: string) => ({ zh, en });

export const CHROMIUM = '/usr/bin/chromium';
export const BROWSER = {
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export const SIZES = [
  [1080, 1920],
  [1280, 800],
  [800, 480],
] as const;

export const SHOWN: Shown = {
  id: 'gate',
  scene: { title: words('进出核验', 'Entry and exit'), words: { inside: words('您已在内', 'You are already inside') } },
  mode: 'normal',
  reading: false,
  asking: false,
  trusted: true,
  journalFailed: false,
  gate: 'locked',
  inside: 3,
  result: undefined,
};

/** A name that is a file's, and what is different then. */
export const STATES: Readonly<Record<string, Partial<Shown>>> = {
  waiting: {},
  reading: { reading: true },
  checking: { asking: true },
  starting: { trusted: false },
  admitted: { gate: 'released', result: { admit: true, direction: 'in', note: undefined } },
  refused: { result: { admit: false, refusal: 'expired', note: undefined } },
  inside: { result: { admit: false, refusal: 'already-used', note: { why: 'inside' } } },
  fire: { mode: 'fire', gate: 'free' },
  free: { mode: 'free', gate: 'free' },
  locked: { mode: 'locked' },
  'journal-failed': { journalFailed: true },
  'gate-away': { gate: 'down' },
};
