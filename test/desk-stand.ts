/** A desk to try conversations at: real codes, a real journal, a platform that is whatever the test says. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, DeskState, Facts, Json, Log, Medium, Paper, Printed, Prompt, SignerKey, Told } from '../src/contracts.js';
import { decodeCbor } from '../src/crypto/cbor.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { type Journal, openJournal } from '../src/journal/journal.js';
import { createRegister } from '../src/meeting/register.js';
import { encodeKnownCard } from '../src/messages/card.js';
import { FORM } from '../src/messages/claims.js';
import { personCode } from '../src/platform/issue.js';
import { createDesk, type DeskParts, type DeskStation, type NamedDeskScene } from '../src/station/desk.js';
import { loadFormats } from '../src/station/read.js';
import { AT, issuer, REGION, signers, testKey, testTrust } from './county.js';

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const formats = await loadFormats();
const seal = testKey('seal');
const sealSigner: SignerKey = { ...seal, region: undefined, types: ['seal'], revokedAt: Number.POSITIVE_INFINITY };
export const { trust } = testTrust({ keys: [...signers, sealSigner] });
export const newSealer = () => createSealer(seal.point, seal.kid);
export const newSubject = (): string => randomBytes(16).toString('base64url');

/** A phone's code of this person. */
export function screen(subject = newSubject(), expires = AT + 200): Uint8Array {
  const codeId = Uint8Array.from(randomBytes(8));
  return Buffer.from(personCode(issuer, { region: REGION, subject, issued: AT - 60, expires, codeId, form: FORM.screen, colour: 'green' }));
}

export interface Stand {
  readonly desk: DeskStation;
  readonly journal: Journal;
  /** What was printed. */
  readonly papers: readonly Paper[];
  /** What the printer says to whatever is printed. */
  printer: Printed;
  /** What the workstation was told, and whether it says that it has it. */
  readonly handed: readonly Told[];
  workstation: boolean;
  scan(bytes: Uint8Array | string): void;
  /** The social security card of this person, as the station reads it with its region key. */
  card(subject: string): void;
  /** The prompt that stands once nothing is worked on. */
  prompt(): Promise<Prompt>;
  visit(): NonNullable<DeskState['visit']>;
  answer(value: Json): boolean;
  /** In a search or a form. */
  type(text: string): boolean;
  entries(kind?: string): { readonly facts: Facts; readonly opened: readonly unknown[] | undefined }[];
  /** Until the menu stands again. */
  menu(): Promise<void>;
}

interface Ending {
  teardown(clean: () => unknown): void;
  testdir(): string;
}

/** What was sealed, bytes as text. */
function openedAs(plain: Uint8Array): readonly unknown[] {
  const parts = decodeCbor(plain);
  return Array.isArray(parts) ? parts.map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString('latin1') : part)) : [];
}

type RegisterParts = Parameters<typeof createRegister>[0];

/** What a desk needs of the meetings of its box; `change`: what is not as at a box alone. */
export function meetingsOf(
  journal: RegisterParts['journal'],
  clock: Clock,
  change: Partial<RegisterParts> = {},
): Pick<DeskParts, 'register' | 'invite'> {
  const nothing = (): undefined => undefined;
  const parts = {
    journal,
    clock,
    checkpoint: 'CP-1',
    log: silent,
    sealer: nothing,
    changed: nothing,
    trust: nothing,
    others: nothing,
    ...change,
  };
  return { register: createRegister(parts), invite: () => ({ path: '/organiser', code: '00000000' }) };
}

let files = 0;
/** Hundreds of journals are written: in memory where the system has a place for that, since what they survive is not asked here. */
const MEMORY = '/dev/shm';

/** A desk with a journal of its own; what it writes can be read, and what it sealed opened. */
export function standAt(test: Ending, scenes: readonly NamedDeskScene[], wanted: Partial<DeskParts> = {}): Stand {
  const clock: Clock = { now: () => ({ earliest: AT * 1000, latest: AT * 1000 + 50 }), monotonic: () => 0 };
  const folder = existsSync(MEMORY) ? mkdtempSync(join(MEMORY, 'ankang-')) : test.testdir();
  const file = join(folder, `journal-${++files}.db`);
  const journal = openJournal({ file, terminal: 'DESK-1', clock, limit: 16 << 20, keepDays: 0 });
  const sealer = newSealer();
  const papers: Paper[] = [];
  const handed: Told[] = [];
  const meetings = meetingsOf(journal, clock, { sealer: () => sealer, trust: wanted.trust ?? (() => trust) });
  const desk = createDesk({
    station: 'desk',
    checkpoint: 'CP-1',
    scenes,
    formats,
    clock,
    journal,
    log: silent,
    trust: () => trust,
    sealer: () => sealer,
    ask: () => undefined,
    handOver: async (told) => {
      handed.push(told);
      return stand.workstation;
    },
    charge: async () => ({ status: 'paid', receipt: 'R-1' }),
    print: async (paper) => {
      papers.push(paper);
      return stand.printer;
    },
    draw: async (text) => `data:text/plain,${encodeURIComponent(text)}`,
    venueCode: async ({ title }) => ({ text: `HTTPS://AK.EXAMPLE/V/${title}`, picture: 'data:image/svg+xml;base64,' }),
    changed: () => undefined,
    ...meetings,
    ...wanted,
  });
  test.teardown(async () => {
    await desk.stop();
    journal.close();
    if (existsSync(MEMORY)) rmSync(folder, { recursive: true });
  });
  const opener = createOpener(seal.d, seal.kid);
  const visit = (): NonNullable<DeskState['visit']> => {
    const { visit: on } = desk.state();
    if (!on) throw new Error('no visit is on');
    return on;
  };
  const read = (medium: Medium, bytes: Uint8Array): void =>
    desk.accept({ station: 'desk', device: 'scanner', direction: 'in', at: clock.now(), monotonic: 0, medium, bytes });
  const stand: Stand = {
    printer: 'printed',
    workstation: true,
    handed,
    desk,
    journal,
    visit,
    papers,
    scan: (bytes) => read('code', typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    card: (subject) =>
      read(
        'card',
        encodeKnownCard({ code: randomBytes(16).toString('hex'), number: undefined, validUntil: undefined, holder: { subject, epoch: 0 } }),
      ),
    async prompt() {
      while (visit().prompt.kind === 'busy') await sleep(2);
      return visit().prompt;
    },
    answer: (value) => desk.act({ do: 'answer', visit: visit().id, step: visit().step, value }) === true,
    type: (text) => typeof desk.act({ do: 'type', visit: visit().id, step: visit().step, text }) === 'object',
    entries: (kind) =>
      journal
        .read(1, 1000)
        .filter((entry) => kind === undefined || entry.kind === kind)
        .map(({ public: text, seal: sealed, seq }) => {
          const id = `entry/DESK-1/${journal.journal}/${seq}`;
          const plain = sealed && opener.open(sealed, id);
          return { facts: JSON.parse(text) as Facts, opened: plain && openedAs(plain) };
        }),
    async menu() {
      while (desk.state().visit) await sleep(2);
    },
  };
  return stand;
}
