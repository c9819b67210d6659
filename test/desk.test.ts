/** A desk with a real journal and real codes, its conversations played by scripts: every step, every way out, nothing personal left. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import type { Desk, DeskScene, Json, Prompt, Words } from '../src/contracts.js';
import type { Cbor } from '../src/crypto/cbor.js';
import { decodeResolve, encodeResolved, encodeResolveRefusal } from '../src/messages/credential.js';
import type { DeskParts } from '../src/station/desk.js';
import { loadFormats } from '../src/station/read.js';
import { type AskPlatform, createResolver } from '../src/station/resolve.js';
import { AT } from './county.js';
import { newSubject, type Stand, screen, silent, standAt } from './desk-stand.js';

const words = (en: string): Words => ({ zh: en, en });

interface Seen {
  person?: string;
  unwound?: unknown;
}
type SeenStand = Stand & { readonly seen: Seen };

function stand(test: Parameters<typeof standAt>[0], wanted: Partial<DeskParts> = {}, ...others: DeskScene[]): SeenStand {
  const seen: Seen = {};
  const scenes = [everyWord(seen), ...others].map((scene, i) => ({ name: i === 0 ? 'every' : `other-${i}`, scene, settings: undefined }));
  return { ...standAt(test, scenes, wanted), seen };
}

/** A scene that uses every word a desk has. */
function everyWord(seen: { person?: string; unwound?: unknown } = {}): DeskScene {
  return {
    accepts: ['person'],
    settings: z.unknown(),
    title: words('Every word'),
    words: {},
    async visit(desk: Desk) {
      try {
        const item = await desk.scan(words('What is it?'));
        const who = await desk.identify(words('Who are you?'));
        seen.person = who.credential.subject;
        const way = await desk.choose(words('Which way?'), [
          { id: 'left', label: words('left'), secret: 7 },
          { id: 'right', label: words('right'), secret: 8 },
        ]);
        const blanks = await desk.fill(words('Tell us'), [
          { id: 'count', label: words('How many?'), kind: 'number', least: 1, most: 3 },
          { id: 'born', label: words('Born?'), kind: 'date', optional: true },
          { id: 'phone', label: words('Phone?'), kind: 'digits', shortest: 11, longest: 11, optional: true },
          { id: 'note', label: words('Note?'), kind: 'text', longest: 5, optional: true },
        ]);
        if (!(await desk.confirm(words('Right?'), [{ label: words('count'), value: blanks['count'] ?? '' }]))) return;
        const answer = await desk.ask('test/echo', { count: Number(blanks['count']) });
        const number = desk.submit({
          kind: 'test-done',
          facts: { way: way.secret, answered: answer?.status ?? 'offline' },
          of: who,
          personal: { note: blanks['note'] ?? '', item: item ?? '' },
        });
        await desk.show(words('Done'), [{ label: words('number'), value: await number }]);
      } catch (error) {
        seen.unwound = error;
        throw error;
      }
    },
  };
}

/** Plays the person up to the prompt of that kind. */
async function playTo(at: SeenStand, kind: Prompt['kind']): Promise<Uint8Array> {
  const code = screen();
  if (!at.desk.state().visit) at.desk.act({ do: 'start', scene: 'every' });
  for (;;) {
    const prompt = await at.prompt();
    if (prompt.kind === kind) return code;
    if (prompt.kind === 'scan') at.scan('6901234567892');
    else if (prompt.kind === 'identify') at.scan(code);
    else if (prompt.kind === 'choose') at.answer('right');
    else if (prompt.kind === 'fill') at.answer({ count: '2', note: '备注' });
    else if (prompt.kind === 'confirm') at.answer(true);
    else throw new Error(`${prompt.kind} comes before ${kind}`);
  }
}

t.test('a conversation reads top to bottom, and leaves a verdict, a sealed submission and how it ended', async (t) => {
  const asked: [string, Cbor][] = [];
  const ask: AskPlatform = async (operation, body) => {
    asked.push([operation, body]);
    return { status: 'ok', body: new Map([['count', 2]]) };
  };
  const at = stand(t, { ask: () => ask });
  const code = await playTo(at, 'show');
  const shown = await at.prompt();
  t.match(shown, { kind: 'show', lines: [{ value: /^[0-9A-F]{4}-2$/ }] }, 'the number of the entry is on the slip');
  t.same(asked, [['test/echo', new Map([['count', 2]])]]);
  at.answer(null);
  await at.menu();
  const [verdict] = at.entries('verdict');
  t.match(verdict?.facts, { scene: 'every', verdict: 'admit', person: true, verified: true, station: 'desk' });
  t.same(verdict?.opened, [1, 'code', Buffer.from(code).toString('latin1')], 'the code’s own bytes, for the platform only');
  const [done] = at.entries('test-done');
  t.match(done?.facts, { scene: 'every', checkpoint: 'CP-1', station: 'desk', way: 8, answered: 'ok' });
  t.same(done?.opened, [
    1,
    'code',
    Buffer.from(code).toString('latin1'),
    '{"item":"6901234567892","note":"备注"}',
    Buffer.from(at.seen.person ?? '', 'base64url').toString('latin1'),
  ]);
  t.match(at.entries('visit')[0]?.facts, { scene: 'every', end: 'done' });
  const open = JSON.stringify(at.entries().map(({ facts }) => facts));
  t.notMatch(open, at.seen.person ?? '?', 'no public part names the person');
  t.notMatch(open, '备注');
});

t.test('who is refused is told why and what next, and may try again', async (t) => {
  const at = stand(t);
  await playTo(at, 'identify');
  at.scan(screen(newSubject(), AT - 1));
  t.match(await at.prompt(), { kind: 'identify', turned: { refusal: 'expired', number: 108, words: { zh: /./ }, next: { en: /./ } } });
  at.scan('nonsense');
  t.match(await at.prompt(), { turned: { refusal: 'unknown-format' } });
  at.scan(screen());
  t.match(await at.prompt(), { kind: 'choose' });
  t.same(
    at.entries('verdict').map(({ facts }) => facts['refusal'] ?? facts['verdict']),
    ['expired', 'unknown-format', 'admit'],
    'each reading is counted',
  );
});

t.test('a code held up before a scene is chosen answers the first question who it is', async (t) => {
  const at = stand(t, {}, everyWord());
  const subject = newSubject();
  at.scan(screen(subject));
  t.equal(at.desk.state().held, true);
  t.equal(at.desk.act({ do: 'start', scene: 'every' }), true);
  t.match(await at.prompt(), { kind: 'scan' });
  at.answer(null);
  t.match(await at.prompt(), { kind: 'choose' });
  t.equal(at.seen.person, subject);
  t.equal(at.desk.state().held, false);
});

t.test('only what is asked now can be answered, and only with what it asks for', async (t) => {
  const at = stand(t);
  t.equal(at.desk.act({ do: 'start', scene: 'nowhere' }), false);
  await playTo(at, 'choose');
  const { id, step } = at.visit();
  t.equal(at.desk.act({ do: 'answer', visit: 'another', step, value: 'left' }), false);
  t.equal(at.desk.act({ do: 'answer', visit: id, step: step - 1, value: 'left' }), false, 'a touch on the page before');
  for (const value of ['up', 7, null, true, { left: 1 }, ['left']]) t.equal(at.answer(value), false, JSON.stringify(value));
  t.equal(at.desk.act({ do: 'start', scene: 'every' }), false, 'one person at a time');
  t.notMatch(JSON.stringify(at.visit().prompt), 'secret', 'the page sees labels only');
  at.scan(screen());
  t.match(at.visit(), { step, prompt: { kind: 'choose' } }, 'a code that nobody asked for changes nothing');
  t.equal(at.answer('left'), true);
  t.match(await at.prompt(), { kind: 'fill' });
});

t.test('each blank says what is wrong with it, and nothing wrong reaches the scene', async (t) => {
  const at = stand(t);
  await playTo(at, 'fill');
  const wrong: [Json, string[]][] = [
    [{}, ['count']],
    [{ count: '' }, ['count']],
    [{ count: '4' }, ['count']],
    [{ count: '1.5' }, ['count']],
    [{ count: ' 2', born: '2025-02-29' }, ['born']],
    [{ count: '2', phone: '1380000' }, ['phone']],
    [{ count: '2', note: '一二三四五六' }, ['note']],
    [{ count: '2', note: '\u202Eabc' }, ['note']],
    [{ count: '0', born: 'x', phone: 'y' }, ['count', 'born', 'phone']],
  ];
  for (const [value, faulty] of wrong) {
    t.equal(at.answer(value), true, JSON.stringify(value));
    t.same(Object.keys(at.visit().faults), faulty);
    for (const { zh, en } of Object.values(at.visit().faults)) t.ok(/\p{Script=Han}/u.test(zh) && /^[ -~]+$/.test(en), en);
  }
  for (const value of ['2', null, [], { count: 2 }, { other: '2' }]) t.equal(at.answer(value), false, JSON.stringify(value));
  t.equal(at.answer({ count: '3', born: '2024-02-29', phone: '13800000000', note: '五个字以内' }), true);
  t.match(await at.prompt(), { kind: 'confirm', lines: [{ value: '3' }] });
});

for (const kind of ['scan', 'identify', 'choose', 'fill', 'confirm', 'show'] as const) {
  t.test(`leaving at "${kind}" unwinds the conversation and leaves nothing of the person`, async (t) => {
    const at = stand(t);
    await playTo(at, kind);
    const { id } = at.visit();
    t.equal(at.desk.act({ do: 'leave', visit: id }), true);
    await at.menu();
    t.match(at.seen.unwound, { name: 'VisitEnded', end: 'left' });
    t.match(at.entries('visit')[0]?.facts, { end: 'left' });
    t.notMatch(JSON.stringify(at.desk.state()), at.seen.person ?? '?');
    t.equal(at.desk.act({ do: 'answer', visit: id, step: 1, value: null }), false, 'what is touched afterwards goes nowhere');
    t.equal(at.entries('test-done').length, kind === 'show' ? 1 : 0, 'what was submitted stays submitted');
  });
}

t.test('a person who goes away is asked for, and then let go', async (t) => {
  const at = stand(t, { idleMs: 300, graceMs: 300 });
  await playTo(at, 'choose');
  while (!at.visit().fading) await sleep(5);
  t.equal(at.desk.act({ do: 'stay', visit: at.visit().id }), true);
  t.equal(at.visit().fading, false);
  await at.menu();
  t.match(at.entries('visit')[0]?.facts, { end: 'idle' });
});

t.test('the end of the program ends the visit', async (t) => {
  const at = stand(t);
  await playTo(at, 'confirm');
  await at.desk.stop();
  t.match(at.seen.unwound, { end: 'stopped' });
  t.match(at.entries('visit')[0]?.facts, { end: 'stopped' });
});

t.test('without the platform a scene hears so at once, and its submission is kept', async (t) => {
  const never: AskPlatform = () => Promise.reject(new Error('offline'));
  for (const ask of [undefined, never]) {
    const at = stand(t, { ask: () => ask });
    await playTo(at, 'show');
    t.match(at.entries('test-done')[0]?.facts, { answered: 'offline' });
  }
  const refused = stand(t, { ask: () => async () => ({ status: 'refused', body: null }) });
  await playTo(refused, 'show');
  t.match(refused.entries('test-done')[0]?.facts, { answered: 'refused' }, 'a refusal is an answer');
});

t.test('a hospital’s own card, recognised by its pattern, is whose the platform says it is; what it cannot say is said', async (t) => {
  const formats = await loadFormats({
    voucher: { patterns: [{ name: 'hospital-card', prefix: 'HSYY', characters: 'digits', shortest: 12, longest: 12 }] },
  });
  const subject = newSubject();
  const known = async (text: string): Promise<{ status: 'ok' | 'refused' | 'unknown'; body: Cbor }> => {
    if (text === 'HSYY00000001')
      return { status: 'ok', body: encodeResolved({ subject, colour: 'unknown', validUntil: (AT + 60) * 1000 }) };
    return text === 'HSYY00000002' ? { status: 'refused', body: encodeResolveRefusal('revoked') } : { status: 'unknown', body: null };
  };
  const asked: string[] = [];
  const line: AskPlatform = async (operation, body) => {
    const { code = '', scene } = decodeResolve(body) ?? {};
    asked.push(`${operation} ${scene} ${code}`);
    return known(code);
  };
  const clock = { now: () => ({ earliest: AT * 1000, latest: AT * 1000 + 50 }), monotonic: () => 0 };
  const at = stand(t, { formats, resolve: createResolver({ ask: () => line, clock, log: silent }) });
  await playTo(at, 'identify');
  for (const [code, refusal] of [
    ['HSYY00000009', 'forged'],
    ['HSYY00000002', 'revoked'],
  ] as const) {
    at.scan(code);
    t.match(await at.prompt(), { kind: 'identify', turned: { refusal } });
  }
  at.scan('HSYY00000001');
  t.equal((await at.prompt()).kind, 'choose');
  t.equal(at.seen.person, subject);
  t.same(asked.at(-1), 'credential/resolve every HSYY00000001');
  t.match(at.entries('verdict').at(-1)?.facts, { verdict: 'admit', format: 'voucher', form: 'card', person: true });
  t.notMatch(JSON.stringify(at.entries().map(({ facts }) => facts)), 'HSYY', 'the number of the card is in no public part');

  const offline = stand(t, { formats, resolve: createResolver({ ask: () => undefined, clock, log: silent }) });
  await playTo(offline, 'identify');
  offline.scan('HSYY00000001');
  t.match(await offline.prompt(), { kind: 'identify', turned: { refusal: 'needs-network' } }, 'offline: another card may be shown');
});

t.test('a visit that is left while the platform is asked does not go on when the answer comes', async (t) => {
  let answer: (value: { status: 'ok'; body: null }) => void = () => undefined;
  const ask: AskPlatform = () => new Promise((resolve) => (answer = resolve));
  const at = stand(t, { ask: () => ask });
  await playTo(at, 'confirm');
  at.answer(true);
  t.match(at.visit().prompt, { kind: 'busy' });
  at.desk.act({ do: 'leave', visit: at.visit().id });
  await at.menu();
  answer({ status: 'ok', body: null });
  await sleep(20);
  t.equal(at.entries('test-done').length, 0);
});

t.test('nothing personal is kept while there is no key to seal it to', async (t) => {
  const at = stand(t, { sealer: () => undefined });
  await playTo(at, 'confirm');
  at.answer(true);
  await at.menu();
  t.match(at.entries('visit')[0]?.facts, { end: 'failed' });
  t.equal(at.entries('test-done').length, 0);
});

t.test('what cannot be journaled is not said to be done', async (t) => {
  const at = stand(t);
  await playTo(at, 'confirm');
  at.journal.close();
  at.answer(true);
  await at.menu();
  t.equal(at.desk.state().counts['visit_failed'], 1);
  t.equal(at.desk.state().counts['submitted_test-done'], undefined);
});

t.test('staff are called with or without a visit, and it is in the journal', async (t) => {
  const at = stand(t);
  t.equal(at.desk.act({ do: 'call-staff' }), true);
  t.equal(at.desk.state().staffCalled, true);
  t.match(at.entries('alarm')[0]?.facts, { alarm: 'staff-called', station: 'desk' });
});

t.test('fire, the staff key and the county’s order end a visit and let none begin; a reader that goes away ends it too', async (t) => {
  const at = stand(t);
  const begin = async (): Promise<void> => {
    t.ok(at.desk.act({ do: 'start', scene: 'every' }));
    await playTo(at, 'choose');
  };
  for (const contact of ['fire', 'staff-lock'] as const) {
    await begin();
    at.desk.input(contact, true);
    await at.menu();
    t.match(at.entries('visit').at(-1)?.facts, { end: 'stopped' });
    t.match(at.desk.state(), { mode: contact === 'fire' ? 'fire' : 'locked', active: [contact], held: false });
    t.notOk(at.desk.act({ do: 'start', scene: 'every' }));
    at.scan(screen());
    t.notOk(at.desk.state().held, 'a code is not taken either');
    t.ok(at.desk.act({ do: 'call-staff' }), 'but staff can be called');
    t.match(at.desk.command({ verb: 'lock' }), { refused: contact === 'fire' ? 'fire' : 'staff-key' });
    at.desk.input(contact, false);
  }
  t.match(
    at.entries('alarm').map(({ facts }) => facts['alarm']),
    ['fire', 'staff-called', 'fire', 'staff-lock', 'staff-called', 'staff-lock'],
  );
  await begin();
  const lock = at.desk.command({ verb: 'lock' });
  if ('act' in lock) lock.act(1);
  await at.menu();
  t.equal(at.desk.state().mode, 'locked');
  const normal = at.desk.command({ verb: 'normal' });
  if ('act' in normal) normal.act(2);
  t.match(at.desk.command({ verb: 'free', until: 0 }), { refused: 'no-gate' });
  await begin();
  at.desk.interrupted();
  await at.menu();
  t.match(at.entries('visit').at(-1)?.facts, { end: 'left' });
  await begin();
  t.ok(at.desk.act({ do: 'opened' }), 'the page was opened anew');
  await at.menu();
  t.equal(at.desk.state().mode, 'normal');
});
