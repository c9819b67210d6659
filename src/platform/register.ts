/**
 * From the entries of desks to the records of the services: opens what was sealed and keeps it once, in the order of each journal.
 *
 *   store.entries (after the position) → kinds that a service wants → seal opened → record + position, one transaction
 */
import type { Facts, Log } from '../contracts.js';
import { encodeBase64Url } from '../crypto/base-n.js';
import { decodeCbor, isBytes } from '../crypto/cbor.js';
import { createOpener } from '../crypto/seal.js';
import type { CountyKeys } from './keys.js';
import type { Recorded } from './register-store.js';
import type { CountyStore, JournalSummary, Received } from './store.js';

export interface RegisterParts {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  /** Kinds of entries that a service keeps. */
  readonly kinds: ReadonlySet<string>;
  readonly log: Log;
}

export interface Register {
  /** Looks at what came since; returns at once. */
  wake(): void;
  /** Resolves when all that is stored was looked at. */
  idle(): Promise<void>;
}

const PAGE = 500;

export function createRegister(parts: RegisterParts): Register {
  const { log } = parts;
  let working: Promise<void> | undefined;
  let again = false;
  const run = async (): Promise<void> => {
    while (again) {
      again = false;
      await lookAll(parts);
    }
  };
  const wake = (): void => {
    again = true;
    working ??= run()
      .catch((error: unknown) => log.error('register-failed', { error: error instanceof Error ? error.message : String(error) }))
      .finally(() => {
        working = undefined;
      });
  };
  return { wake, idle: async () => working };
}

async function lookAll(parts: RegisterParts): Promise<void> {
  const positions = await parts.store.registerPositions();
  for (const journal of await parts.store.journals()) {
    const position = positions.find((one) => one.terminal === journal.terminal && one.journal === journal.journal);
    await look(parts, journal, position?.seq ?? 0);
  }
}

async function look(parts: RegisterParts, { terminal, journal, seq: last }: JournalSummary, from: number): Promise<void> {
  for (let after = from; after < last; ) {
    const page = await parts.store.entries({ terminal, journal, after, limit: PAGE });
    const end = page.at(-1)?.seq;
    if (end === undefined) return;
    const records = page.filter(({ kind }) => parts.kinds.has(kind)).map((entry) => recordOf(parts, entry, { terminal, journal }));
    await parts.store.record(records, { terminal, journal, seq: end });
    after = end;
  }
}

/** What cannot be opened is kept as it is public: it happened, and nobody can say to whom. */
function recordOf({ keys, log }: RegisterParts, entry: Received, of: { readonly terminal: string; readonly journal: string }): Recorded {
  const id = `${of.terminal}/${of.journal}/${entry.seq}`;
  const facts = JSON.parse(entry.public) as Facts;
  const plain = entry.seal && createOpener(keys.seal.d, keys.seal.kid).open(entry.seal, `entry/${id}`);
  if (entry.seal && !plain) log.error('seal-unopened', { id });
  return { ...of, seq: entry.seq, kind: entry.kind, at: entry.earliest, facts, ...opened(plain) };
}

const SUBJECT = 16;

/** CBOR [1, medium, bytes, personal, subject] of a submission (src/station/desk-work.ts). */
function opened(plain: Uint8Array | undefined): Pick<Recorded, 'subject' | 'personal'> {
  const parts = plain && decodeCbor(plain);
  if (!Array.isArray(parts) || parts.length !== 5) return { subject: null, personal: null };
  const [, , , personal, subject] = parts;
  return {
    subject: isBytes(subject, SUBJECT) ? encodeBase64Url(subject) : null,
    personal: typeof personal === 'string' ? (JSON.parse(personal) as Facts) : null,
  };
}
