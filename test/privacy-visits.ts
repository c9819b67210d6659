/** People who come to a terminal: the scripts of the scenes, played as somebody whose every value is known, and whoever goes through a gate. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page as Tab } from 'playwright-core';
import type { Blank, Json } from '../src/contracts.js';
import { subjectOf } from '../src/crypto/subject.js';
import { encodeGb18030 } from '../src/framing/gb18030.js';
import { FORM } from '../src/messages/claims.js';
import type { TerminalView } from '../src/page/view.js';
import { personCode, type SigningKey } from '../src/platform/issue.js';
import { REGION, type ScriptedCounty } from './privacy-county.js';
import { as, cardLine, type Played } from './privacy-people.js';
import type { TerminalProcess } from './privacy-terminal.js';
import type { Deed, Script } from './scripts/_script.js';
import { STAFF_SUBJECT } from './scripts/_staff.js';

type Visit = NonNullable<TerminalView['desks'][number]['visit']>;

export interface Day {
  readonly terminal: TerminalProcess;
  readonly county: ScriptedCounty;
  readonly issuer: SigningKey;
  /** A browser that shows the desk, for what is typed. */
  readonly tab?: Tab | undefined;
}

/** How far it came: `done`, or where it went another way than the script. */
type Ended = string;

const PATIENCE_MS = 15_000;
/** What stands as it stood for so long has the same fault again, or found the same. */
const UNCHANGED_MS = 1000;

export async function playVisit(
  day: Day,
  scene: string,
  { who, script }: { readonly who: Played; readonly script: Script },
): Promise<Ended> {
  const { terminal, county } = day;
  county.says(as(who, { answers: script.answers ?? [], charges: script.charges ?? [] }));
  if ((await terminal.act({ do: 'start', scene })) !== 204) return 'it does not start';
  let visit = await next(terminal, undefined);
  for (const [i, { at, deed }] of script.steps.entries()) {
    if (visit?.prompt.kind !== at) return leave(day, visit, `step ${i}: ${visit?.prompt.kind ?? 'over'} where ${at} was expected`);
    if (!(await perform(day, visit, { who, deed: as(who, deed) }))) return leave(day, visit, `step ${i} is not taken`);
    visit = await next(terminal, visit);
  }
  // Some scenes end with the question how it was, where the county has one.
  if (visit?.prompt.kind === 'choose' && visit.prompt.choices.some(({ id }) => id === 'no')) {
    await terminal.act({ do: 'answer', visit: visit.id, step: visit.step, value: 'no' });
    visit = await next(terminal, visit);
  }
  return visit ? leave(day, visit, `not over: ${JSON.stringify(visit.prompt).slice(0, 300)}`) : 'done';
}

async function leave({ terminal }: Day, visit: Visit | undefined, why: Ended): Promise<Ended> {
  if (visit) await terminal.act({ do: 'leave', visit: visit.id });
  while (await terminal.visit()) await sleep(5);
  return why;
}

/** What stands there once it is another than before and nothing is worked on; undefined: the visit is over. */
async function next(terminal: TerminalProcess, before: Visit | undefined): Promise<Visit | undefined> {
  const was = JSON.stringify([before?.step, before?.faults, before?.prompt]);
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(4)) {
    const visit = await terminal.visit();
    if (!visit) return undefined;
    if (visit.prompt.kind !== 'busy' && JSON.stringify([visit.step, visit.faults, visit.prompt]) !== was) return visit;
    if (visit.prompt.kind !== 'busy' && performance.now() > end - PATIENCE_MS + UNCHANGED_MS) return visit;
  }
  return terminal.visit();
}

async function perform(day: Day, visit: Visit, { who, deed }: { readonly who: Played; readonly deed: Deed }): Promise<boolean> {
  const { terminal, tab } = day;
  if (deed.does === 'types') return (await terminal.act({ do: 'type', visit: visit.id, step: visit.step, text: deed.text })) === 200;
  if (deed.does === 'shows') return present(day, who, deed.what);
  const { prompt } = visit;
  if (tab && prompt.kind === 'fill' && isForm(deed.value)) return fillIn(tab, prompt.blanks, deed.value);
  const value = prompt.kind === 'choose' ? offered(prompt.choices, deed.value) : deed.value;
  return (await terminal.act({ do: 'answer', visit: visit.id, step: visit.step, value })) === 204;
}

/** What a scene kept on its box has another number than the script's. */
const offered = (choices: readonly { readonly id: string }[], wanted: Json): Json =>
  choices.some(({ id }) => id === wanted) ? wanted : (choices[0]?.id ?? wanted);

const isForm = (value: Json): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function fillIn(tab: Tab, blanks: readonly Blank[], typed: Readonly<Record<string, string>>): Promise<boolean> {
  for (const blank of blanks) {
    const value = typed[blank.id] ?? '';
    if (blank.kind !== 'choice') await tab.fill(`#blank-${blank.id}`, value);
    else if (value)
      await tab
        .locator(`input[name="${blank.id}"]`)
        .nth(blank.choices.findIndex(({ id }) => id === value))
        .check();
  }
  await tab.locator('form.form button[type=submit], form.form button:not([type])').last().click();
  return true;
}

async function present(day: Day, who: Played, what: Extract<Deed, { does: 'shows' }>['what']): Promise<boolean> {
  const { bench } = day.terminal;
  if (what === 'card' || what === 'other-card') return bench.scanner('cards').send(cardOf(what === 'card' ? who : otherOf(who)));
  const text = typeof what === 'object' ? what.text : await codeOf(day, what === 'other' ? otherOf(who) : who, what === 'expired');
  const shown = text.startsWith('AK1:') && typeof what === 'object' ? screen(day.issuer, STAFF_SUBJECT) : text;
  return bench.scanner('scanner').send(Buffer.from(`${shown}\r`, 'latin1'));
}

const gbk = (text: string): Uint8Array => Uint8Array.from(encodeGb18030(text, 'gb18030'));
const cardOf = (who: Played): Uint8Array => cardLine(who, gbk);
/** The relative who came along. */
const otherOf = (who: Played): Played => ({ ...who, name: who.relative, idNumber: who.relativeId, cardCode: who.relativeCard });

async function codeOf({ issuer, county }: Day, { idNumber }: Played, expired: boolean): Promise<string> {
  const key = county.keys.regionKeys.at(-1);
  if (!key) throw new Error('the county has no region key');
  return screen(issuer, await subjectOf(idNumber, REGION, key), expired ? -10 : 200);
}

function screen(issuer: SigningKey, subject: string, seconds = 200): string {
  const at = Math.floor(Date.now() / 1000);
  const codeId = Uint8Array.from(randomBytes(8));
  return personCode(issuer, {
    region: REGION,
    subject,
    issued: at - 60,
    expires: at + seconds,
    codeId,
    form: FORM.screen,
    colour: 'green',
  });
}

/** Somebody goes through the gate and into the hall: by code or by card. */
export async function passGates(day: Day, who: Played): Promise<void> {
  const { bench } = day.terminal;
  bench.scanner('gate-scanner').send(Buffer.from(`${await codeOf(day, who, false)}\r`, 'latin1'));
  await sleep(300);
  bench.scanner('gate-cards').send(cardOf(who));
  bench.scanner('hall-scanner').send(Buffer.from(`${await codeOf(day, who, false)}\r`, 'latin1'));
  bench.scanner('bus-scanner').send(Buffer.from(`${await codeOf(day, who, false)}\r`, 'latin1'));
  await sleep(600);
}
