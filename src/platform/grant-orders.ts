/** Orders about grants (grants.ts): each changes the table and writes that down in one. */
import type { Instant } from '../contracts.js';
import { type GrantWord, readGrant, writtenGrants } from './grants.js';
import { OrderError } from './orders.js';
import type { CountyStore } from './store.js';
import type { Audited, Grant } from './store-access.js';

export interface Granting {
  readonly store: CountyStore;
  readonly terminal: string;
  /** As grants.ts writes them, one or more. */
  readonly words: readonly string[];
  readonly now: Instant;
}

/** What the terminal may ask from now on. @throws OrderError, and then nothing was given */
export async function grant(granting: Granting): Promise<readonly string[]> {
  const { store, terminal } = granting;
  const words = await checked(granting);
  for (const word of words) await store.grant(['', ...word.fields].map(as(terminal, word)), audited('granted', word, granting));
  return writtenGrants(await store.grants(terminal));
}

/** Without fields the whole kind is taken away, else only these. What the terminal may still ask. @throws OrderError for what it was not given */
export async function ungrant(granting: Granting): Promise<readonly string[]> {
  const { store, terminal } = granting;
  const words = await checked(granting);
  const given = await store.grants(terminal);
  const takenBy = (word: GrantWord): readonly Grant[] => (word.fields.length === 0 ? [''] : word.fields).map(as(terminal, word));
  const missing = words.find((word) => !takenBy(word).every((one) => given.some((has) => isSame(has, one))));
  if (missing) throw new OrderError(`${terminal} was not given ${writtenGrants(takenBy(missing)).join(' ')}`, '未曾许可');
  for (const word of words) await store.ungrant(takenBy(word), audited('ungranted', word, granting));
  return writtenGrants(await store.grants(terminal));
}

async function checked({ store, terminal, words }: Granting): Promise<readonly GrantWord[]> {
  if (!(await store.terminals()).some(({ id, struck }) => id === terminal && !struck))
    throw new OrderError(`no terminal in service is called ${terminal}`, '没有这个在用终端');
  return words.map((text) => {
    const word = readGrant(text);
    if (!word)
      throw new OrderError(`${JSON.stringify(text)}: service/operation[@scene][:field,field]`, '写作 服务/操作[@场景][:字段,字段]');
    return word;
  });
}

const as =
  (terminal: string, { kind, scene }: GrantWord) =>
  (field: string): Grant => ({ terminal, kind, scene, field });

const isSame = (one: Grant, other: Grant): boolean => one.kind === other.kind && one.scene === other.scene && one.field === other.field;

function audited(kind: 'granted' | 'ungranted', word: GrantWord, { terminal, now }: Granting): Audited {
  return { at: now, terminal, kind, facts: { request: word.kind, scene: word.scene === '' ? null : word.scene, fields: word.fields } };
}
