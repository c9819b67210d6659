/** The county's board in the browser: what the county says, drawn anew with every change. Text only, never markup. */
import type { Refusal, Words } from '../../contracts.js';
import { numberOf, REFUSAL_WORDS } from '../../messages/refusals.js';
import type { Board } from '../board-view.js';
import type { ReportLine } from '../counts.js';
import { TOWNSHIPS, UNKNOWN_TOWNSHIP } from '../townships.js';
import { type Cell, element, english, type Head, number, place, stamp, table } from './dom.js';
import { drawMap } from './map.js';
import { TERMINALS, terminalRow, troubled } from './terminals.js';

function tile(zh: string, en: string, value: number, target?: number): HTMLElement {
  const box = element('div', '', 'tile');
  const name = element('span', `${zh} `);
  name.append(english(en));
  box.append(name, element('b', number.format(value)));
  if (target === undefined) return box;
  const bar = document.createElement('progress');
  bar.max = target;
  bar.value = Math.min(value, target);
  bar.setAttribute('aria-label', zh);
  const goal = element('p', `目标 ${number.format(target)} · ${((100 * value) / target).toFixed(1)}% `);
  goal.append(english('of the target'));
  box.append(bar, goal);
  return box;
}

const COUNTS: readonly Head[] = [
  ['亮码', 'presented', 'n'],
  ['核验', 'verified', 'n'],
  ['放行', 'admitted', 'n'],
  ['拒绝', 'refused', 'n'],
  ['时间存疑', 'clock unsure', 'n'],
];
const refusedOf = (line: ReportLine): number => Object.values(line.refused).reduce((a, b) => a + b, 0);
const counts = (line: ReportLine): readonly Cell[] => [line.presented, line.verified, line.admitted, refusedOf(line), line.unsure];

interface Lines {
  readonly id: string;
  readonly head: Head;
  readonly of: readonly ReportLine[];
  readonly name: (by: string) => Cell;
}

function lines({ id, head, of, name }: Lines): void {
  table(
    id,
    [head, ...COUNTS],
    of.map((line) => [name(line.by), ...counts(line)]),
  );
}

const BAR_PX = 110;

/** A bar for each day: what was presented, and in it what was verified. */
function days(of: readonly ReportLine[]): void {
  const most = Math.max(1, ...of.map(({ presented }) => presented));
  const bars = of.map(({ by, presented, verified }) => {
    const day = element('li');
    const bar = element('div', '', 'bar');
    bar.ariaHidden = 'true';
    bar.style.setProperty('height', `${(BAR_PX * presented) / most}px`);
    const inner = element('i');
    inner.style.setProperty('height', `${presented === 0 ? 0 : (100 * verified) / presented}%`);
    bar.append(inner);
    const said = element('span', `亮码 ${number.format(presented)}`);
    day.append(said, bar, element('span', by.slice(5)));
    return day;
  });
  place('days').replaceChildren(...bars);
}

/** Reasons down, scenes across. */
function refusals(board: Board): void {
  const reasons = Object.entries(board.total.refused).sort(([, a], [, b]) => b - a);
  table(
    'refusals',
    [
      ['编号', 'No.', 'n'],
      ['原因', 'reason'],
      ['次数', 'times', 'n'],
      ...board.scenes.map(({ by }): Head => [board.titles[by]?.zh ?? by, board.titles[by]?.en ?? 'scene', 'n']),
    ],
    reasons.map(([word, times]) => {
      const known = REFUSAL_WORDS[word as Refusal];
      return [
        known ? String(numberOf(word as Refusal)) : '–',
        { text: known?.clerk ?? word },
        times,
        ...board.scenes.map(({ refused }) => refused[word] ?? 0),
      ];
    }),
  );
}

/** Chinese name → both names. */
const TOWNSHIP_WORDS = new Map([...TOWNSHIPS, UNKNOWN_TOWNSHIP].map(({ zh, en }) => [zh, { zh, en }]));

function townships({ townships: of, terminals }: Board): void {
  const wanting = new Set(terminals.filter(troubled).map(({ township }) => township));
  place('map').replaceChildren(drawMap({ lines: of, troubled: wanting }));
  place('legend').replaceChildren(
    '示意图，非测绘地图；颜色越深亮码越多，红点处有终端待查。',
    english('A schematic, not a survey: darker is more; a red dot is a terminal to look at.'),
  );
  lines({ id: 'townships', head: ['乡镇', 'township'], of, name: (by) => ({ text: TOWNSHIP_WORDS.get(by) ?? by }) });
}

/** The words, and below them the name that configurations and reports use. */
const named = (title: Words | undefined, by: string): Cell => (title ? { text: title, under: by } : by);

function checkpoints({ checkpoints: of, places }: Board): void {
  const known = new Map(places.map((one) => [one.name, one]));
  lines({
    id: 'checkpoints',
    head: ['检查点', 'checkpoint'],
    of,
    name: (by) => {
      const { title = '', township = UNKNOWN_TOWNSHIP.zh } = known.get(by) ?? {};
      return { text: title || by, under: [title && by, township].filter(Boolean).join(' · ') };
    },
  });
}

function submissions(board: Board): void {
  table(
    'submissions',
    [
      ['业务', 'service'],
      ['内容', 'what'],
      ['总计', 'total', 'n'],
      ['今日', 'today', 'n'],
    ],
    board.submissions.map(({ service, what, total, today }) => [{ text: service }, { text: what }, total, today]),
  );
}

function show(board: Board): void {
  const { manifest, targets, total, today } = board;
  const about = place('about');
  about.className = '';
  about.replaceChildren(`区划 ${board.region} · ${stamp.format(board.now)}`);
  if (manifest) about.append(` · 信任清单 ${manifest.seq}，${(manifest.ageSeconds / 3600).toFixed(1)} 小时前 `, english('trust manifest'));
  place('totals').replaceChildren(
    tile('已申领', 'holders', board.holders, targets.holders),
    tile('亮码', 'presented', total.presented, targets.presented),
    tile('核验', 'verified', total.verified, targets.verified),
    tile('今日亮码', 'presented today', today.presented),
    tile('今日核验', 'verified today', today.verified),
  );
  days(board.days);
  table('terminals', TERMINALS, board.terminals.map(terminalRow));
  townships(board);
  lines({ id: 'scenes', head: ['场景', 'scene'], of: board.scenes, name: (by) => named(board.titles[by], by) });
  checkpoints(board);
  submissions(board);
  refusals(board);
  table(
    'alarms',
    [
      ['时间', 'time'],
      ['终端', 'terminal'],
      ['告警', 'alarm'],
      ['内容', 'facts', 'facts'],
    ],
    board.alarms.map(({ at, terminal, kind, facts }) => [stamp.format(at), terminal, { text: kind, bad: true }, JSON.stringify(facts)]),
  );
  table(
    'rejected',
    [
      ['终端', 'terminal'],
      ['原因', 'reason'],
      ['次数', 'times', 'n'],
    ],
    board.rejected.map(({ terminal, reason, count }) => [terminal || '？', reason, count]),
  );
}

const events = new EventSource('/api/events');
events.addEventListener('board', (event) => show(JSON.parse((event as MessageEvent<string>).data) as Board));
events.addEventListener('error', () => {
  const about = place('about');
  about.className = 'gone';
  about.replaceChildren('与县平台的连接中断，正在重连… ', english('disconnected, trying again…'));
});
