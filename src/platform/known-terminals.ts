/** Terminals in good standing and their keys, in memory because every message asks. */
import { kidOfPoint, pointOfSpki } from '../crypto/sm2.js';
import type { TerminalKey } from './ingest.js';
import type { CountyStore, Terminal } from './store.js';

export interface KnownTerminals {
  readonly keys: ReadonlyMap<string, TerminalKey>;
  readonly known: (id: string) => { readonly terminal: Terminal; readonly key: TerminalKey } | undefined;
  reload(): Promise<void>;
}

/** Read now, and again at each `reload`. */
export async function knownTerminals(store: CountyStore): Promise<KnownTerminals> {
  const keys = new Map<string, TerminalKey>();
  const known = new Map<string, { readonly terminal: Terminal; readonly key: TerminalKey }>();
  const reload = async (): Promise<void> => {
    const all = await store.terminals();
    keys.clear();
    known.clear();
    for (const terminal of all) {
      const point = pointOfSpki(terminal.sign);
      if (!point || terminal.struck) continue;
      const key = { kid: kidOfPoint(point), point };
      keys.set(terminal.id, key);
      known.set(terminal.id, { terminal, key });
    }
  };
  await reload();
  return { keys, known: (id) => known.get(id), reload };
}
