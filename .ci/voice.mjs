// Says the words of src/messages/sounds.ts into config/voice, with espeak-ng: `npm run voice`. A county replaces them by a human voice
// (address.folder of the driver). Each file carries its words, so that a test finds a stale one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { SPOKEN } from '../build/src/messages/sounds.js';

const VOICES = { zh: ['-v', 'cmn', '-s', '150'], en: ['-v', 'en-gb', '-s', '150'] };
/** Of the samples that espeak-ng makes (22,050 Hz) every pair becomes one. */
const RATE = 11_025;

function chunk(id, body) {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function wav(samples, words) {
  const format = Buffer.alloc(16);
  for (const [i, [value, size]] of [[1, 2], [1, 2], [RATE, 4], [2 * RATE, 4], [2, 2], [16, 2]].entries())
    size === 2 ? format.writeUInt16LE(value, [0, 2, 4, 8, 12, 14][i]) : format.writeUInt32LE(value, [0, 2, 4, 8, 12, 14][i]);
  const info = Buffer.concat([Buffer.from('INFO'), chunk('ICMT', Buffer.from(`${words}\0`))]);
  const body = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), chunk('LIST', info), chunk('data', samples)]);
  return chunk('RIFF', body);
}

for (const [language, voice] of Object.entries(VOICES)) {
  mkdirSync(`config/voice/${language}`, { recursive: true });
  for (const [sound, words] of Object.entries(SPOKEN)) {
    const spoken = execFileSync('espeak-ng', [...voice, '--stdout', words[language]], { maxBuffer: 1 << 24 });
    const data = spoken.subarray(spoken.indexOf('data') + 8);
    const half = Buffer.alloc(Math.floor(data.length / 4) * 2);
    for (let i = 0; i + 3 < data.length; i += 4) half.writeInt16LE((data.readInt16LE(i) + data.readInt16LE(i + 2)) >> 1, i / 2);
    writeFileSync(`config/voice/${language}/${sound}.wav`, wav(half, words[language]));
  }
}
