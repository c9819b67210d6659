/** A clinic to try: a county's store, cashier and teller, and a hospital of ours or of somebody else. The clock is the test's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Facts, Json, Log } from '../src/contracts.js';
import type { ClinicAnswer, ClinicRefused, ClinicWord } from '../src/messages/clinic.js';
import { syntheticId } from '../src/messages/identifiers.js';
import { cborOf, jsonOf } from '../src/messages/plain.js';
import { withShown } from '../src/messages/shown.js';
import { type Cashier, createCashier } from '../src/platform/cashier.js';
import type { FhirAddress } from '../src/platform/fhir/http.js';
import type { CountyKeys } from '../src/platform/keys.js';
import { openSandbox, type Sandbox } from '../src/platform/pay-sandbox.js';
import { syntheticPerson } from '../src/platform/residents.js';
import clinic from '../src/platform/services/clinic.js';
import { openStore } from '../src/platform/sqlite.js';
import type { CountyStore } from '../src/platform/store.js';
import { createTeller } from '../src/platform/teller.js';

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** 2026-11-25, a Wednesday, 09:00 in Asia/Shanghai. */
export const MORNING = Date.parse('2026-11-25T09:00:00+08:00');
export const DAY = 86_400_000;
export const MINUTE = 60_000;

export type Answered<W extends ClinicWord> =
  | { readonly status: 'ok'; readonly body: ClinicAnswer<W> }
  | { readonly status: 'refused'; readonly body: ClinicRefused | null }
  | { readonly status: 'fault'; readonly error: unknown };

export interface Asking {
  readonly terminal?: string;
  /** The request's id, where the same is asked again. */
  readonly id?: Uint8Array;
}

export interface Place {
  readonly clock: { now: number };
  readonly store: CountyStore;
  readonly cashier: Cashier;
  readonly sandbox: Sandbox;
  /** Somebody whom the county knows; their pseudonym. */
  newcomer(): Promise<string>;
  ask<W extends ClinicWord>(word: W, who: string, asked?: Facts, asking?: Asking): Promise<Answered<W>>;
  /** The same, where it must be answered `ok`. */
  ok<W extends ClinicWord>(word: W, who: string, asked?: Facts, asking?: Asking): Promise<ClinicAnswer<W>>;
  /** Why it is refused; undefined: it is not. */
  reason(word: ClinicWord, who: string, asked?: Facts, asking?: Asking): Promise<string | undefined>;
  /** At the provider; the hospital is told when `tell` is called. */
  pay(bill: { readonly number: string; readonly amount: number }, terminal?: string): Promise<string>;
  /** One round of telling the hospital what was paid; how many bills are left untold. */
  tell(): Promise<number>;
  end(): Promise<void>;
}

const OPERATIONS = clinic.operations as Readonly<Record<string, (typeof clinic.operations)[string]>>;
let drawn = 0;

export function newPlace(hospital: FhirAddress | undefined): Place {
  const clock = { now: MORNING };
  const now = (): number => clock.now;
  const store = openStore(':memory:');
  const sandbox = openSandbox({ file: ':memory:', now });
  const cashier = createCashier({ store, provider: sandbox, now, paid: () => undefined, log });
  // The clinic signs and seals nothing.
  const county = { store, bills: cashier, cashier, keys: {} as CountyKeys, gateway: undefined, trustedIdentity: undefined, hospital };
  const paid = new Map([['clinic', clinic.paid]]);

  const ask: Place['ask'] = async (word, who, asked = {}, { terminal = 'DESK-1', id = Uint8Array.from(randomBytes(16)) } = {}) => {
    const body = withShown(cborOf(asked), { medium: 'card', bytes: Uint8Array.of(1), subject: who });
    const standing = { id: terminal, checkpoint: 'HOSPITAL', site: '', sign: id, open: id, region: false, struck: false };
    const context = { ...county, terminal: standing, id, now: now(), signal: AbortSignal.timeout(20_000) };
    try {
      const { status, body: told = null } = (await OPERATIONS[word]?.handle(body, context)) ?? { status: 'unknown' };
      return { status, body: jsonOf(told) as Json } as never;
    } catch (error) {
      return { status: 'fault', error };
    }
  };
  return {
    clock,
    store,
    cashier,
    sandbox,
    ask,
    async newcomer() {
      const subject = randomBytes(16).toString('base64url');
      const number = ++drawn;
      const id = syntheticId(`19${String(10 + (number % 80))}0${1 + (Math.floor(number / 80) % 9)}11`, number % 1000);
      await store.putPerson(subject, syntheticPerson({ id, name: `测试病人${number}` }));
      return subject;
    },
    async ok(word, who, asked, asking) {
      const answer = await ask(word, who, asked, asking);
      if (answer.status === 'ok') return answer.body;
      throw new Error(`clinic/${word}: ${answer.status} ${JSON.stringify('body' in answer ? answer.body : String(answer.error))}`);
    },
    async reason(word, who, asked, asking) {
      const answer = await ask(word, who, asked, asking);
      return answer.status === 'refused' ? (answer.body?.reason ?? 'unreadable') : undefined;
    },
    async pay({ number, amount }, terminal = 'DESK-1') {
      const attempt = String(++drawn).padStart(32, '0');
      const said = await cashier.charge({ number, amount, attempt, code: '134567890123456789', terminal }, AbortSignal.timeout(20_000));
      return typeof said === 'string' ? said : said.state === 'not-charged' ? said.reason : said.state;
    },
    async tell() {
      // A new teller has no pauses from before, as after a restart.
      const teller = createTeller({ county, paid, now, log });
      await teller.round();
      await teller.idle();
      return (await store.untold()).length;
    },
    async end() {
      sandbox.end();
      await store.close();
    },
  };
}

// ── a hospital that is not ours ─────────────────────────────────────────────────────────────────────────────────────

const PEER = join(import.meta.dirname, '../../test/fhir-peer');

/** For `{ skip }`: what to install where it is missing. */
export const NO_PEER: string | false = existsSync(join(PEER, 'node_modules/@medplum/fhir-router'))
  ? false
  : 'npm ci --prefix test/fhir-peer';

export interface Peer extends FhirAddress {
  stop(): Promise<void>;
}

export async function startPeer(): Promise<Peer> {
  const child: ChildProcess = spawn(process.execPath, [join(PEER, 'server.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('no pipe');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { readonly url: string };
  return {
    url,
    async stop() {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}
