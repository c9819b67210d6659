/** The county's board in the browser: what the county says, drawn anew with every change. Text only, never markup. */
import type { Refusal, Words } from '../../contracts.js';
import { numberOf, REFUSAL_WORDS } from '../../messages/refusals.js';
import type { Board, TerminalLine } from '../board-view.js';
import type { ReportLine } from '../counts.js';

const number = new Intl.NumberFormat('zh-CN');
const stamp = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'medium' });

type Cell = string | number | { readonly text: string | number | Words; readonly bad: boolean };
type Head = readonly [zh: string, en: string, kind?: 'n'];

function element(name: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function english(text: string): HTMLElement {
  const made = element('span', text);
  made.lang = 'en';
  return made;
}

function place(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

function table(id: string, heads: readonly Head[], rows: readonly (readonly Cell[])[]): void {
  const head = element('tr');
  for (const [zh, en, kind = ''] of heads) {
    const cell = element('th', zh, kind) as HTMLTableCellElement;
    cell.scope = 'col';
    cell.append(' ', english(en));
    head.append(cell);
  }
  const body = rows.map((cells) => {
    const row = element('tr');
    row.append(...cells.map((cell, i) => filled(cell, heads[i]?.[2] ?? '')));
    return row;
  });
  place(id).replaceChildren(head, ...(rows.length > 0 ? body : [nothing(heads.length)]));
}

function filled(cell: Cell, kind: string): HTMLElement {
  const { text, bad } = typeof cell === 'object' ? cell : { text: cell, bad: false };
  const made = element('td', '', [kind, bad ? 'bad' : ''].join(' ').trim());
  if (typeof text === 'object') made.append(text.zh, ' ', english(text.en));
  else made.textContent = typeof text === 'number' ? number.format(text) : text;
  return made;
}

function nothing(width: number): HTMLElement {
  const row = element('tr');
  const cell = element('td', '暂无 ', 'none') as HTMLTableCellElement;
  cell.colSpan = width;
  cell.append(english('none so far'));
  row.append(cell);
  return row;
}

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

function lines(id: string, head: Head, of: readonly ReportLine[]): void {
  table(
    id,
    [head, ...COUNTS],
    of.map((line) => [line.by, ...counts(line)]),
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
    [['编号', 'No.', 'n'], ['原因', 'reason'], ['次数', 'times', 'n'], ...board.scenes.map(({ by }): Head => [by, 'scene', 'n'])],
    reasons.map(([word, times]) => {
      const known = REFUSAL_WORDS[word as Refusal];
      return [
        known ? String(numberOf(word as Refusal)) : '–',
        { text: known?.clerk ?? word, bad: false },
        times,
        ...board.scenes.map(({ refused }) => refused[word] ?? 0),
      ];
    }),
  );
}

const HEALTH: Readonly<Record<'serving' | 'degraded' | 'out-of-order' | 'offline' | 'struck' | 'silent', Words>> = {
  serving: { zh: '服务中', en: 'serving' },
  degraded: { zh: '降级', en: 'degraded' },
  'out-of-order': { zh: '停用', en: 'out of order' },
  offline: { zh: '离线', en: 'offline' },
  struck: { zh: '已注销', en: 'struck off' },
  silent: { zh: '未上报', en: 'not heard' },
};

function terminalRow({ id, checkpoint, struck, state, at, journals }: TerminalLine): readonly Cell[] {
  const sum = (of: 'stored' | 'ahead' | 'forks'): number => journals.reduce((total, journal) => total + journal[of], 0);
  const health = struck ? 'struck' : (state?.health ?? 'silent');
  return [
    id,
    checkpoint,
    { text: HEALTH[health], bad: health !== 'serving' },
    at === null ? '–' : stamp.format(at),
    state?.backlog.entries ?? '–',
    state?.trustAge == null ? '–' : (state.trustAge / 3600).toFixed(1),
    sum('stored'),
    { text: sum('ahead'), bad: sum('ahead') > 0 },
    { text: sum('forks'), bad: sum('forks') > 0 },
    { text: state?.alarms.join(' ') ?? '', bad: true },
  ];
}

const TERMINALS: readonly Head[] = [
  ['终端', 'terminal'],
  ['检查点', 'checkpoint'],
  ['状态', 'state'],
  ['上报', 'heard'],
  ['积压', 'backlog', 'n'],
  ['信任时长（时）', 'trust age, h', 'n'],
  ['已入库', 'stored', 'n'],
  ['缺口后', 'after a gap', 'n'],
  ['分叉', 'forks', 'n'],
  ['告警', 'alarms'],
];

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
  lines('scenes', ['场景', 'scene'], board.scenes);
  lines('checkpoints', ['检查点', 'checkpoint'], board.checkpoints);
  refusals(board);
  table(
    'alarms',
    [
      ['时间', 'time'],
      ['终端', 'terminal'],
      ['告警', 'alarm'],
      ['内容', 'facts'],
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
