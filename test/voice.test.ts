/** The voice: words that may be heard by others, recordings that say them, and a loudspeaker that plays what was asked, the newest first. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { type Clock, type Log, SOUNDS } from '../src/contracts.js';
import { openJournal } from '../src/journal/journal.js';
import { SPOKEN } from '../src/messages/sounds.js';
import audio from '../src/ports/audio.js';
import { createCards } from '../src/station/cards.js';
import { startKiosk } from '../src/station/kiosk.js';
import { isDesk, loadStation } from '../src/station/load.js';
import { loadFormats } from '../src/station/read.js';
import { AT, REGION, testTrust } from './county.js';
import { meetingsOf } from './desk-stand.js';

const FOLDER = join(import.meta.dirname, '../../config/voice');
const LANGUAGES = ['zh', 'en'] as const;
const NO_APLAY = spawnSync('aplay', ['--version']).error && 'install aplay: apt-get install alsa-utils';

/** Colours, illness, money, names and numbers of people: none of it is said aloud. */
const PRIVATE =
  /[红黄绿灰]|码色|颜色|病|疫|阳|阴|感染|发热|症|药|元|分钱|身份证|姓名|\b(red|green|yellow|grey|colou?r|sick|ill|illness|disease|fever|infect\w*|covid|positive|medicine|yuan|money|name|number)\b/i;

t.test('what is said aloud is harmless to whoever is heard about, short, and there in both languages', (t) => {
  t.same(Object.keys(SPOKEN).sort(), [...SOUNDS].sort());
  for (const { zh, en } of Object.values(SPOKEN)) {
    t.match(zh, /^[\p{Script=Han}，]{2,16}$/u, zh);
    t.match(en, /^[A-Z][a-zA-Z ,?]{4,50}$/, en);
    t.notMatch(`${zh} ${en}`, PRIVATE);
  }
  t.match('请出示绿码', PRIVATE, 'the check can fail');
  t.end();
});

interface Recording {
  readonly words: string;
  readonly seconds: number;
  readonly loudest: number;
}

/** RIFF WAVE, PCM, 16 bits, mono. */
function recordingOf(file: string): Recording {
  const bytes = readFileSync(file);
  const chunks = new Map<string, Buffer>();
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    chunks.set(bytes.toString('latin1', at, at + 4), bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size + (size % 2);
  }
  const format = chunks.get('fmt ') ?? Buffer.alloc(16);
  const data = chunks.get('data') ?? Buffer.alloc(0);
  if (format.readUInt16LE(0) !== 1 || format.readUInt16LE(2) !== 1 || format.readUInt16LE(14) !== 16)
    throw new Error(`${file}: not 16-bit mono PCM`);
  const list = chunks.get('LIST') ?? Buffer.alloc(12);
  let loudest = 0;
  for (let at = 0; at + 1 < data.length; at += 2) loudest = Math.max(loudest, Math.abs(data.readInt16LE(at)));
  return { words: list.subarray(12).toString().replace(/\0+$/, ''), seconds: data.length / 2 / format.readUInt32LE(4), loudest };
}

t.test('every recording says the words of the table: npm run voice', (t) => {
  for (const language of LANGUAGES) {
    t.same(readdirSync(join(FOLDER, language)).sort(), SOUNDS.map((sound) => `${sound}.wav`).sort());
    for (const sound of SOUNDS) {
      const { words, seconds, loudest } = recordingOf(join(FOLDER, language, `${sound}.wav`));
      t.equal(words, SPOKEN[sound][language]);
      t.ok(seconds > 0.5 && seconds < 5, `${language}/${sound}: ${seconds.toFixed(1)} s`);
      t.ok(loudest > 3000, 'it can be heard');
    }
  }
  t.end();
});

t.test('a loudspeaker of ALSA', { skip: NO_APLAY ?? false }, async (t) => {
  const folder = t.testdir();
  const heard = join(folder, 'heard.raw');
  const config = join(folder, 'asound.conf');
  // A device that writes what it is given into a file, at the pace of a real one.
  writeFileSync(config, `</usr/share/alsa/alsa.conf>\npcm.tape { type file; slave.pcm "null"; file "${heard}"; format "raw" }\n`);
  process.env['ALSA_CONFIG_PATH'] = config;
  t.teardown(() => delete process.env['ALSA_CONFIG_PATH']);
  const samplesOf = (language: string, sound: string): Buffer => {
    const bytes = readFileSync(join(FOLDER, language, `${sound}.wav`));
    return bytes.subarray(bytes.indexOf('data') + 8);
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sleep(10);
  };
  const heardWhole = (bytes: Buffer): boolean =>
    existsSync(heard) && readFileSync(heard).subarray(0, bytes.length).equals(bytes) && readFileSync(heard).length >= bytes.length;

  for (const language of LANGUAGES) {
    const link = await audio.open({ device: 'tape', language });
    link.play('admitted');
    await until(() => heardWhole(samplesOf(language, 'admitted')));
    t.pass(`${language}: what was recorded was played, sample by sample`);
    await link.close();
    t.equal(await link.closed, undefined);
  }

  await t.test('a recording of the county’s own is said instead of ours', async (t) => {
    const own = t.testdir();
    const file = readFileSync(join(FOLDER, 'en', 'wait.wav'));
    writeFileSync(join(own, 'admitted.wav'), file);
    const link = await audio.open({ device: 'tape', language: 'zh', folder: own });
    link.play('admitted');
    await until(() => heardWhole(samplesOf('en', 'wait')));
    link.play('scan');
    await until(() => heardWhole(samplesOf('zh', 'scan')));
    await link.close();
    t.pass('and what is not there is said by ours');
  });

  await t.test('the newest word ends the one before; a device that is not there is away', async (t) => {
    const link = await audio.open({ device: 'tape', language: 'zh' });
    link.play('again');
    link.play('done');
    await until(() => heardWhole(samplesOf('zh', 'done')));
    link.play('again');
    link.quiet();
    await link.close();
    t.equal(await link.closed, undefined, 'silence on purpose is no fault');
    await t.rejects(audio.open({ device: 'nowhere', language: 'zh' }), /nowhere|No such/);
    writeFileSync(config, `</usr/share/alsa/alsa.conf>\n`);
    const lost = await audio.open({ device: 'null', language: 'zh' });
    await lost.close();
  });

  await t.test('a device that goes away while it is in use closes the link and says why', async (t) => {
    writeFileSync(config, `</usr/share/alsa/alsa.conf>\npcm.tape { type file; slave.pcm "null"; file "${heard}"; format "raw" }\n`);
    const link = await audio.open({ device: 'tape', language: 'zh' });
    writeFileSync(config, `</usr/share/alsa/alsa.conf>\n`);
    link.play('admitted');
    t.match(await link.closed, { reason: /\w/ });
  });

  await t.test('a desk says each step once, when it stands', async (t) => {
    writeFileSync(config, `</usr/share/alsa/alsa.conf>\npcm.tape { type file; slave.pcm "null"; file "${heard}"; format "raw" }\n`);
    const place = t.testdir();
    const fault = (...told: unknown[]): string => String(told);
    const loaded = await loadStation(
      {
        id: 'kiosk',
        kind: 'desk',
        scenes: [{ scene: 'survey', settings: {} }],
        passageSeconds: 5,
        heldOpenSeconds: 5,
        devices: [{ driver: 'voice', direction: 'in', address: { device: 'tape', language: 'en' }, settings: {} }],
      },
      [],
      fault,
    );
    if (!isDesk(loaded)) throw new Error('a desk was wanted');
    const clock: Clock = { now: () => ({ earliest: AT * 1000, latest: AT * 1000 + 50 }), monotonic: () => performance.now() };
    const journal = openJournal({ file: join(place, 'journal.db'), terminal: 'DESK-1', clock, limit: 16 << 20, keepDays: 0 });
    const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const kiosk = startKiosk(loaded, {
      checkpoint: 'CP-1',
      formats: await loadFormats(),
      clock,
      journal,
      deskJournal: journal,
      whenJournalFails: 'refuse',
      trust: () => testTrust().trust,
      sealer: () => undefined,
      cards: createCards({ region: REGION, regionKeys: () => undefined, log }),
      ask: () => undefined,
      charge: async () => ({ status: 'in-doubt' }),
      draw: async () => '',
      venueCode: async () => ({ text: '', picture: '' }),
      terminal: 'DESK-1',
      pictures: () => import('../src/print/pictures.js'),
      ...meetingsOf(journal, clock),
      changed: () => undefined,
      log,
    });
    t.teardown(async () => {
      await kiosk.stop();
      journal.close();
    });
    await until(() => kiosk.devices().every(({ state }) => state === 'up'));
    t.ok(kiosk.desk.act({ do: 'start', scene: 'survey' }));
    await until(() => heardWhole(samplesOf('en', 'done')));
    t.ok(kiosk.desk.act({ do: 'call-staff' }));
    await until(() => heardWhole(samplesOf('en', 'staff-called')));
    t.pass('what is shown, then that staff was called');
  });
});
