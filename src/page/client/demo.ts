/** The demo's page: the gate's own display, a hand that presents codes and walks, and what the county has counted. */
import type { Words } from '../../contracts.js';
import './page.js';
import { both, element } from './render.js';

interface Presentation {
  readonly name: string;
  readonly words: Words;
  /** The place of the reader that it is held before. */
  readonly at: Words;
  /** A picture of the code, as a data URL; absent for cards and for bytes that are not shown. */
  readonly picture?: string;
}

interface Seen {
  readonly last: readonly { readonly at: string; readonly verdict: string; readonly words: Words; readonly scene: string }[];
  readonly county: { readonly presented: number; readonly verified: number; readonly refused: number; readonly entries: number };
  readonly switches: readonly { readonly name: string; readonly words: Words; readonly on: boolean }[];
  readonly serial: string | null;
  /** The county's own board. */
  readonly board: string | null;
  /** Pages of the desks. */
  readonly desks: readonly { readonly href: string; readonly words: Words }[];
  /** How many slips its printer has printed. */
  readonly printed: number;
  /** Which way the gate stands open; away: its cable is out; free: a fire frees it. */
  readonly gate: 'in' | 'out' | 'shut' | 'away' | 'free';
  readonly lamps: Readonly<Record<'green' | 'red' | 'buzzer', boolean>>;
}

const hand = document.querySelector<HTMLElement>('#hand');
const county = document.querySelector<HTMLElement>('#county');

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  await refresh();
}

function button(words: Words, action: () => Promise<void>, pressed?: boolean): HTMLElement {
  const node = both('button', '', words) as HTMLButtonElement;
  node.type = 'button';
  if (pressed !== undefined) node.setAttribute('aria-pressed', String(pressed));
  node.addEventListener('click', () => void action().catch((error: unknown) => window.alert(String(error))));
  return node;
}

async function showHand(): Promise<void> {
  const { presentations } = (await (await fetch('/api/hand')).json()) as { presentations: readonly Presentation[] };
  const cardOf = ({ name, words, picture }: Presentation): HTMLElement => {
    const card = element('div', 'presentation');
    if (picture) {
      const image = document.createElement('img');
      image.src = picture;
      image.alt = `${words.zh} · ${words.en}`;
      card.append(image);
    }
    card.append(button(words, () => post('/api/present', { name })));
    return card;
  };
  const places = [...new Set(presentations.map(({ at }) => at.zh))].map((zh) => presentations.filter(({ at }) => at.zh === zh));
  const cards = places.flatMap((here) => [...here.slice(0, 1).map(({ at }) => both('h3', '', at)), ...here.map(cardOf)]);
  const walk = element('div', 'walk');
  walk.append(
    button({ zh: '走过去', en: 'walk through' }, () => post('/api/walk', { direction: 'in' })),
    button({ zh: '走出来', en: 'walk out' }, () => post('/api/walk', { direction: 'out' })),
  );
  hand?.replaceChildren(both('h2', '', { zh: '把它放到扫码口', en: 'hold it before the scanner' }), walk, ...cards);
}

const GATE: Readonly<Record<Seen['gate'], Words>> = {
  in: { zh: '开向里', en: 'open, in' },
  out: { zh: '开向外', en: 'open, out' },
  shut: { zh: '关着', en: 'shut' },
  away: { zh: '闸机线已拔', en: 'unplugged' },
  free: { zh: '消防已释放', en: 'freed by the fire panel' },
};
const LAMPS = [
  ['green', { zh: '绿灯', en: 'green' }],
  ['red', { zh: '红灯', en: 'red' }],
  ['buzzer', { zh: '蜂鸣', en: 'buzzer' }],
] as const;

/** Moved, not drawn anew, so that one sees it move. */
const turnstile = element('div', 'turnstile');
turnstile.append(element('span', 'post'), element('span', 'arm'), element('span', 'post'));
const lamps = LAMPS.map(([name, words]) => both('span', `lamp ${name}`, words));

function showGate({ gate, lamps: on }: Seen): readonly HTMLElement[] {
  turnstile.dataset['open'] = gate;
  LAMPS.forEach(([name], i) => {
    const lamp = lamps[i];
    if (lamp) lamp.dataset['on'] = String(on[name]);
  });
  const row = element('div', 'lamps');
  row.append(...lamps);
  return [turnstile, both('p', '', GATE[gate]), row];
}

/** On a page of its own, as it would stand elsewhere. */
function linkTo(url: string, words: Words): HTMLElement {
  const link = both('a', '', words) as HTMLAnchorElement;
  link.href = url;
  link.target = '_blank';
  link.rel = 'noopener';
  const line = element('p', 'elsewhere');
  line.append(link);
  return line;
}

/** What the kiosk's printer printed last. */
const slip = document.createElement('img');
slip.className = 'slip';
slip.alt = '最近打印的凭条 · the last slip';

function lastSlip(count: number): HTMLElement {
  const source = `/demo/slip.png?${count}`;
  if (slip.getAttribute('src') !== source) slip.src = source;
  return slip;
}

let seenBefore = '';

async function refresh(): Promise<void> {
  const text = await (await fetch('/api/seen')).text();
  if (text === seenBefore) return;
  seenBefore = text;
  const seen = JSON.parse(text) as Seen;
  const switches = element('div', 'switches');
  switches.append(...seen.switches.map(({ name, words, on }) => button(words, () => post('/api/switch', { name, on: !on }), on)));
  const counts = element('dl');
  for (const [words, value] of [
    [{ zh: '亮码', en: 'presented' }, seen.county.presented],
    [{ zh: '核验', en: 'verified' }, seen.county.verified],
    [{ zh: '拒绝', en: 'refused' }, seen.county.refused],
    [{ zh: '记录', en: 'entries' }, seen.county.entries],
  ] as const) {
    counts.append(both('dt', '', words), element('dd', '', String(value)));
  }
  const list = element('ol', 'last');
  list.append(...seen.last.map(({ at, verdict, words, scene }) => both('li', verdict, { zh: `${at} ${scene} ${words.zh}`, en: words.en })));
  county?.replaceChildren(
    both('h2', '', { zh: '闸机与灯', en: 'gate and lamps' }),
    ...showGate(seen),
    both('h2', '', { zh: '开关', en: 'switches' }),
    switches,
    both('h2', '', { zh: '县平台收到', en: 'the county counted' }),
    counts,
    both('h2', '', { zh: '最近', en: 'last verdicts' }),
    list,
    ...seen.desks.map(({ href, words }) => linkTo(href, words)),
    ...(seen.printed > 0 ? [lastSlip(seen.printed)] : []),
    ...(seen.board ? [linkTo(seen.board, { zh: '打开县平台看板', en: 'open the county’s board' })] : []),
    ...(seen.serial ? [element('p', 'serial', `printf '%s\\r' 'AK1:…' > ${seen.serial}`)] : []),
  );
}

/** The gate and the board move on their own while nobody presses anything. */
const EVERY_MS = 400;

void showHand();
void refresh();
window.setInterval(() => void refresh().catch(() => undefined), EVERY_MS);
/** A code on a phone is made anew before it ends. */
const HAND_MS = 50_000;
window.setInterval(() => void showHand().catch(() => undefined), HAND_MS);
