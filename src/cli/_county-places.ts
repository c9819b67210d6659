/** `ankang county checkpoint | checkpoints`: where a checkpoint lies and what people call it, for the county's board and its reports. */
import type { Command as Commander } from 'commander';
import { type At, looking, note, order, print } from './_county-order.js';
import { UsageError } from './command.js';

const LONGEST_TITLE = 40;

interface Options extends At {
  readonly township?: string;
  readonly title?: string;
}

export function configurePlaces(command: Commander): void {
  order(command, 'checkpoint', '检查点所在乡镇与名称 · the township a checkpoint lies in, and what people call it')
    .argument('<checkpoint>')
    .option('--township <name>', '乡镇，中文或英文名 · the township, by its Chinese or English name')
    .option('--title <text>', `名称，至多 ${LONGEST_TITLE} 字 · what people call it, at most ${LONGEST_TITLE} characters`)
    .action((name: string, options: Options) => put(name, options));
  order(command, 'checkpoints', '检查点一览，一行一个 JSON · checkpoints, one JSON a line').action(({ county }: At) =>
    looking(county, async (store) => {
      for (const place of await store.places()) print(place);
    }),
  );
}

async function put(name: string, options: Options): Promise<void> {
  const { isName } = await import('../messages/topics.js');
  if (!isName(name)) throw new UsageError(`不是检查点名称 · not the name of a checkpoint: ${name}`);
  const change = await changeOf(options);
  await looking(options.county, async (store) => {
    const { UNKNOWN_TOWNSHIP } = await import('../platform/townships.js');
    const known = (await store.places()).find((place) => place.name === name);
    const place = { name, township: UNKNOWN_TOWNSHIP.zh, title: '', ...known, ...change };
    await store.putPlace(place);
    print(place);
    if (!(await store.terminals()).some(({ checkpoint, struck }) => checkpoint === name && !struck))
      note(`注意：此检查点还没有终端 · beware: no terminal belongs to ${name} yet`);
  });
}

async function changeOf({ township, title }: Options): Promise<{ readonly township?: string; readonly title?: string }> {
  if (township === undefined && title === undefined) throw new UsageError('须写 --township 或 --title · give --township or --title');
  if (title !== undefined && !fits(title))
    throw new UsageError(`--title 须为 1–${LONGEST_TITLE} 字，无控制字符 · 1 to ${LONGEST_TITLE} characters, no control characters`);
  return { ...(township !== undefined && { township: await named(township) }), ...(title !== undefined && { title: title.trim() }) };
}

const fits = (title: string): boolean => title.trim() !== '' && title.length <= LONGEST_TITLE && /^\P{Cc}+$/u.test(title);

async function named(township: string): Promise<string> {
  const { TOWNSHIPS, townshipOf, UNKNOWN_TOWNSHIP } = await import('../platform/townships.js');
  const found = township === UNKNOWN_TOWNSHIP.zh ? UNKNOWN_TOWNSHIP : townshipOf(township);
  if (!found)
    throw new UsageError(`没有此乡镇 · there is no township ${township}; 有 · there are: ${TOWNSHIPS.map(({ zh }) => zh).join('、')}`);
  return found.zh;
}
