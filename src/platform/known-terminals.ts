/** Terminals in good standing and their keys, in memory because every message asks. */
import { sameBytes } from '../crypto/cbor.js';
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
    const before = new Map(known);
    keys.clear();
    known.clear();
    for (const terminal of all) {
      if (terminal.struck) continue;
      const same = before.get(terminal.id);
      // Whether a point is on the curve takes a while to find out; with thousands of terminals, each time.
      const key = same && sameBytes(same.terminal.sign, terminal.sign) ? same.key : keyOf(terminal);
      if (!key) continue;
      keys.set(terminal.id, key);
      known.set(terminal.id, { terminal, key });
    }
  };
  await reload();
  return { keys, known: (id) => known.get(id), reload };
}

function keyOf({ sign }: Terminal): TerminalKey | undefined {
  const point = pointOfSpki(sign);
  return point && { kid: kidOfPoint(point), point };
}
