/** Every scene of a desk, played by its scripts: to the end, left at every step, with the journal and the line failing at every step. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { DeskScene, Facts, Json, Words } from '../src/contracts.js';
import type { Cbor } from '../src/crypto/cbor.js';
import { cborOf, jsonOf } from '../src/messages/plain.js';
import { shownIn } from '../src/messages/shown.js';
import type { AskPlatform } from '../src/station/resolve.js';
import { isDeskScene, loadScene, sceneNames } from '../src/station/scene.js';
import { AT } from './county.js';
import { newSubject, type Stand, screen, standAt, trust } from './desk-stand.js';
import type { Deed, Script, Scripts } from './scripts/_script.js';

/** What is so before the visit begins. */
type Before = 'answers' | 'kept' | 'charges' | 'printer' | 'hands' | 'data';
t.setTimeout(900_000);

/** Written in every visit, whatever is done in it. */
const ALWAYS = new Set(['verdict', 'visit', 'staff']);

interface Table {
  readonly at: Stand;
  readonly subject: string;
  /** Somebody else, always the same. */
  readonly other: string;
  /** What the platform was asked. */
  readonly asked: readonly string[];
}

/** One value for the data of a scene, as it stays the same while a manifest is in force. */
const made = new Map<unknown, Cbor>();

function inForce(data: unknown): Cbor | undefined {
  if (data === undefined) return undefined;
  const cbor = made.get(data) ?? cborOf(data as Json);
  made.set(data, cbor);
  return cbor;
}

function table(
  test: Parameters<typeof standAt>[0],
  named: { name: string; scene: DeskScene },
  { data: usual, settings }: Scripts,
  { answers, kept, charges, printer, hands, data = usual }: Pick<Script, Before>,
): Table {
  const asked: string[] = [];
  let charged = 0;
  const ask: AskPlatform = async (operation, body) => {
    const about = shownIn(body);
    const answer = answers?.[asked.length];
    asked.push(`${operation} ${JSON.stringify(jsonOf(about?.rest ?? body))}${about ? ' of them' : ''}`);
    if (answer === undefined || answer === 'silent') throw new Error('no answer in time');
    return { status: answer.status, body: cborOf(answer.body) };
  };
  const mine = { ...trust, data: (name: string) => inForce(data[name]) };
  const at = standAt(test, [{ ...named, settings }], {
    trust: () => mine,
    ask: () => (answers ? ask : undefined),
    ...(charges && { charge: async () => charges[charged++] ?? { status: 'in-doubt' } }),
  });
  if (printer) at.printer = printer;
  if (hands?.includes(false)) at.workstation = false;
  if (kept !== undefined) at.journal.transaction((tx) => tx.keep(`desk/desk/${named.name}`, JSON.stringify(kept)));
  return { at, subject: newSubject(), other: newSubject(), asked };
}

function perform({ at, subject, other }: Table, deed: Deed): boolean {
  if (deed.does === 'answers') return at.answer(deed.value);
  if (deed.does === 'types') return at.type(deed.text);
  const { what } = deed;
  if (typeof what === 'object') at.scan(what.text);
  else if (what === 'card' || what === 'other-card') at.card(what === 'card' ? subject : other);
  else at.scan(what === 'expired' ? screen(subject, AT - 10) : screen(what === 'code' ? subject : other));
  return true;
}

/** The steps of a script, as far as `count`. */
async function playTo(on: Table, { steps }: Script, count: number, check: (ok: boolean, what: string) => void): Promise<void> {
  for (const [i, { at, deed, reads }] of steps.slice(0, count).entries()) {
    const prompt = await on.at.prompt();
    const { faults } = on.at.visit();
    check(prompt.kind === at, `step ${i}: ${prompt.kind} where ${at} was expected`);
    if (reads) check(reads.test(JSON.stringify([prompt, faults])), `step ${i} reads ${reads.source}`);
    check(perform(on, deed), `step ${i} is taken`);
    // A form with a fault stands as it stood; everything else goes on.
    if (Object.keys(on.at.visit().faults).length === 0) await settled(on);
  }
}

/** Until the next prompt stands or the visit is over. */
async function settled({ at }: Table): Promise<void> {
  while (at.desk.state().visit?.prompt.kind === 'busy') await new Promise((resolve) => setTimeout(resolve, 1));
}

const left = (at: Stand): readonly { readonly kind: string; readonly facts: Facts; readonly opened: readonly unknown[] | undefined }[] =>
  at.journal
    .read(1, 1000)
    .flatMap(({ kind }) => (ALWAYS.has(kind) ? [] : [kind]))
    .filter((kind, i, all) => all.indexOf(kind) === i)
    .flatMap((kind) => at.entries(kind).map((entry) => ({ kind, ...entry })));

function isBilingual(words: Words): boolean {
  return /\p{Script=Han}/u.test(words.zh) && /[A-Za-z]{2}/.test(words.en);
}

for (const name of sceneNames()) {
  const scene = await loadScene(name);
  t.test(`${name}: all its words are in both languages`, async (t) => {
    if (!scene) throw new Error('it cannot be loaded');
    for (const words of [scene.title, ...Object.values(scene.words)]) t.ok(isBilingual(words), words.zh);
  });
  if (!scene || !isDeskScene(scene)) continue;
  const file = join(import.meta.dirname, 'scripts', `${name}.js`);
  t.test(`${name}: ${scene.title.en}`, async (t) => {
    t.ok(existsSync(file), `test/scripts/${name}.ts plays it`);
    const scripts = ((await import(file)) as { default: Scripts }).default;
    const begin = (test: Parameters<typeof standAt>[0], script: Pick<Script, Before>): Table => {
      const on = table(test, { name, scene }, scripts, script);
      if (!on.at.desk.act({ do: 'start', scene: name })) throw new Error('it does not start');
      return on;
    };

    for (const script of scripts.scripts) {
      await t.test(script.name, async (t) => {
        const on = begin(t, script);
        await playTo(on, script, script.steps.length, (ok, what) => void t.ok(ok, what));
        await on.at.menu();
        t.equal(on.asked.length, script.answers?.length ?? 0, 'the platform was asked as often as the script says');
        for (const [i, reads] of (script.asks ?? []).entries()) t.match(on.asked[i], reads);
        if (!script.printer || script.prints) t.equal(on.at.papers.length, script.prints?.length ?? 0, 'what is printed');
        for (const [i, reads] of (script.prints ?? []).entries()) t.match(JSON.stringify(on.at.papers[i]), reads);
        const handed = (script.hands ?? []).filter((told) => told !== false);
        t.equal(on.at.handed.length, handed.length, 'what the workstation is told');
        t.match(on.at.handed, handed);
        const entries = left(on.at);
        t.equal(entries.length, script.leaves.length, 'what it leaves');
        for (const [i, wanted] of script.leaves.entries()) {
          const { kind, facts, opened } = entries[i] ?? { kind: '', facts: {}, opened: undefined };
          t.equal(kind, wanted.kind);
          t.match(facts, { scene: name, ...wanted.facts });
          if (wanted.personal === null) t.equal(opened, undefined, 'nothing is sealed');
          else t.match(JSON.parse(typeof opened?.[3] === 'string' ? opened[3] : '{}'), wanted.personal);
        }
        t.match(on.at.entries('visit').at(-1)?.facts, { end: 'done' });
        t.notMatch(JSON.stringify(on.at.entries().map(({ facts }) => facts)), on.subject, 'no public part names the person');
      });

      await t.test(`${script.name}: left at every step, nothing is left behind`, async (t) => {
        for (let step = 0; step < script.steps.length; step++) {
          const on = begin(t, script);
          await playTo(on, script, step, () => undefined);
          const before = left(on.at).length;
          const { id } = on.at.visit();
          t.ok(on.at.desk.act({ do: 'leave', visit: id }));
          await on.at.menu();
          t.equal(left(on.at).length, before, `step ${step}`);
          t.match(on.at.entries('visit').at(-1)?.facts, { end: 'left' });
          t.equal(on.at.desk.state().visit, undefined);
        }
      });

      await t.test(`${script.name}: the line fails at every question, and the visit comes to an end that people understand`, async (t) => {
        for (let question = 0; question < (script.answers?.length ?? 0); question++) {
          const on = begin(t, { ...script, answers: [...(script.answers ?? []).slice(0, question), 'silent'] });
          let shown = '';
          for (const { deed } of [...script.steps, ...script.steps]) {
            if (!on.at.desk.state().visit) break;
            const prompt = await on.at.prompt();
            shown = prompt.kind;
            perform(on, prompt.kind === 'show' ? { does: 'answers', value: null } : deed);
            await settled(on);
          }
          const visit = on.at.desk.state().visit;
          if (visit) on.at.desk.act({ do: 'leave', visit: visit.id });
          await on.at.menu();
          t.not(shown, '', `question ${question}`);
          t.notMatch(on.at.entries('visit').at(-1)?.facts, { end: 'failed' }, 'no fault of the program');
        }
      });
    }

    await t.test('data that has not come yet, or makes no sense, is said', async (t) => {
      for (const broken of [{}, Object.fromEntries(Object.keys(scripts.data).map((key) => [key, { version: 'x' }]))]) {
        const on = table(t, { name, scene }, { ...scripts, data: broken }, {});
        on.at.desk.act({ do: 'start', scene: name });
        if (Object.keys(scripts.data).length > 0 && !scripts.partly) t.equal((await on.at.prompt()).kind, 'show');
        const visit = on.at.desk.state().visit;
        if (visit) on.at.desk.act({ do: 'leave', visit: visit.id });
        await on.at.menu();
        t.same(left(on.at), []);
      }
    });
  });
}
