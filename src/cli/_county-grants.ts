/** `ankang county grant | ungrant | grants | audit`: who may ask what, and what was done with that. */
import type { Command as Commander } from 'commander';
import { type At, looking, note, numberWithin, order, ordering, print } from './_county-order.js';

const HOW = '服务/操作[@场景][:字段,字段]，服务/* 为整个服务 · service/operation[@scene][:field,field]; service/*: all of a service';

interface ListOptions extends At {
  readonly json?: boolean;
}

export function configureGrants(command: Commander): void {
  order(command, 'grant', '许可终端提出请求 · let a terminal ask: identity/release@stay:name,idNumber')
    .argument('<terminal>')
    .argument('<kinds...>', HOW)
    .action(async (terminal: string, kinds: string[], { county }: At) => {
      const { grant } = await import('../platform/grant-orders.js');
      await ordering(county, async ({ store, now }) => ({ terminal, grants: await grant({ store, terminal, words: kinds, now }) }));
      await noteUnserved(kinds);
    });
  order(command, 'ungrant', '收回许可；写了字段只收回字段 · take it back; with fields, only these fields')
    .argument('<terminal>')
    .argument('<kinds...>', HOW)
    .action(async (terminal: string, kinds: string[], { county }: At) => {
      const { ungrant } = await import('../platform/grant-orders.js');
      await ordering(county, async ({ store, now }) => ({ terminal, grants: await ungrant({ store, terminal, words: kinds, now }) }));
    });
  order(command, 'grants', '各终端的许可 · what each terminal in service may ask')
    .option('--json', 'JSON')
    .action(({ county, json }: ListOptions) => looking(county, (store) => list(store, json === true)));
  order(
    command,
    'audit',
    '审计：许可、收回、被拒请求、开封，新的在前 · grants, refused requests and opened seals, the newest first, one JSON a line',
  )
    .option('--limit <n>', '条数 · how many', numberWithin(1, 1_000_000), 100)
    .action(({ county, limit }: At & { readonly limit: number }) =>
      looking(county, async (store) => {
        for (const { at, ...rest } of await store.audit(limit)) print({ at: new Date(at).toISOString(), ...rest });
      }),
    );
}

type Store = Parameters<Parameters<typeof looking>[1]>[0];

async function list(store: Store, json: boolean): Promise<void> {
  const { writtenGrants } = await import('../platform/grants.js');
  const all = await store.grants();
  const lines = (await store.terminals())
    .filter(({ struck }) => !struck)
    .map(({ id, checkpoint }) => ({ terminal: id, checkpoint, grants: writtenGrants(all.filter(({ terminal }) => terminal === id)) }));
  if (json) return print(lines);
  const text = lines.map(({ terminal, checkpoint, grants }) =>
    [`${terminal} (${checkpoint})`, ...(grants.length > 0 ? grants : ['— 无 · nothing']).map((word) => `  ${word}`)].join('\n'),
  );
  process.stdout.write(`${text.length > 0 ? text.join('\n') : '没有在用终端 · no terminal is in service'}\n`);
}

/** A kind that nothing answers yet may be given, but is more often a slip. */
async function noteUnserved(kinds: readonly string[]): Promise<void> {
  const [{ loadServices }, { readGrant }] = await Promise.all([import('../platform/requests.js'), import('../platform/grants.js')]);
  const served = [...(await loadServices()).operations.keys()];
  for (const text of kinds) {
    const kind = readGrant(text)?.kind ?? text;
    const isServed = served.some((operation) => operation === kind || `${operation.split('/')[0]}/*` === kind);
    if (!isServed) note(`注意：本程序没有此服务 · beware: this program serves no ${kind}; 现有 · there are: ${served.join(', ')}`);
  }
}
