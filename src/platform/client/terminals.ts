/** The board's table of terminals: what each last said of itself, and what is not as it should be. */
import type { Words } from '../../contracts.js';
import type { State } from '../../messages/state.js';
import type { TerminalLine } from '../board-view.js';
import { type Cell, type Head, stamp } from './dom.js';

type Health = State['health'] | 'struck' | 'silent';
type Printer = NonNullable<State['printers']>[number]['state'];

const HEALTH: Readonly<Record<Health, Words>> = {
  serving: { zh: '服务中', en: 'serving' },
  degraded: { zh: '降级', en: 'degraded' },
  'out-of-order': { zh: '停用', en: 'out of order' },
  offline: { zh: '离线', en: 'offline' },
  struck: { zh: '已注销', en: 'struck off' },
  silent: { zh: '未上报', en: 'not heard' },
};

const PRINTERS: Readonly<Record<Printer, Words>> = {
  ready: { zh: '正常', en: 'ready' },
  'paper-low': { zh: '纸将尽', en: 'paper low' },
  'paper-out': { zh: '缺纸', en: 'no paper' },
  'cover-open': { zh: '盖未关', en: 'cover open' },
  error: { zh: '故障', en: 'fault' },
  away: { zh: '未连接', en: 'away' },
  unknown: { zh: '待查', en: 'not said' },
};

/** Alarms that a terminal names, as far as they are known here; others stand as they came. */
const ALARMS: Readonly<Record<string, Words>> = {
  fire: { zh: '消防', en: 'fire' },
  'staff-free': { zh: '钥匙常开', en: 'held free by key' },
  'staff-lock': { zh: '钥匙锁闭', en: 'locked by key' },
  tamper: { zh: '箱体被开', en: 'tamper' },
  journal: { zh: '日志写不了', en: 'journal' },
  twin: { zh: '同名终端', en: 'twin' },
  'paper-out': PRINTERS['paper-out'],
  'cover-open': PRINTERS['cover-open'],
};

export const TERMINALS: readonly Head[] = [
  ['终端', 'terminal'],
  ['检查点', 'checkpoint'],
  ['状态', 'state'],
  ['打印机', 'printers'],
  ['告警', 'alarms'],
  ['信任时长（时）', 'trust age, h', 'n'],
  ['积压', 'backlog', 'n'],
  ['积压余时', 'hours left', 'n'],
  ['已入库', 'stored', 'n'],
  ['缺口后', 'after a gap', 'n'],
  ['分叉', 'forks', 'n'],
  ['上报', 'heard'],
];

const healthOf = ({ struck, state }: TerminalLine): Health => (struck ? 'struck' : (state?.health ?? 'silent'));
const faulty = (printer: Printer): boolean => printer !== 'ready' && printer !== 'paper-low' && printer !== 'unknown';
const sum = ({ journals }: TerminalLine, of: 'stored' | 'ahead' | 'forks'): number =>
  journals.reduce((total, journal) => total + journal[of], 0);

/** Somebody should look at it. One that was struck off is nobody's. */
export function troubled(line: TerminalLine): boolean {
  if (line.struck) return false;
  const { state } = line;
  const printers = state?.printers?.some((printer) => faulty(printer.state)) ?? false;
  return healthOf(line) !== 'serving' || printers || (state?.alarms.length ?? 0) > 0 || sum(line, 'forks') > 0;
}

export function terminalRow(line: TerminalLine): readonly Cell[] {
  const { id, checkpoint, township, state, at } = line;
  const health = healthOf(line);
  return [
    id,
    { text: checkpoint, under: township },
    { text: HEALTH[health], bad: health !== 'serving' },
    printersOf(state),
    alarmsOf(state),
    state?.trustAge == null ? '–' : (state.trustAge / 3600).toFixed(1),
    state?.backlog.entries ?? '–',
    state?.backlog.hours ?? '–',
    sum(line, 'stored'),
    { text: sum(line, 'ahead'), bad: sum(line, 'ahead') > 0 },
    { text: sum(line, 'forks'), bad: sum(line, 'forks') > 0 },
    at === null ? '–' : stamp.format(at),
  ];
}

function printersOf(state: State | null): Cell {
  const printers = state?.printers ?? [];
  if (printers.length === 0) return '–';
  const bad = printers.filter((printer) => faulty(printer.state));
  const [one] = bad.length > 0 ? bad : printers;
  const text = PRINTERS[one?.state ?? 'unknown'];
  return { text, bad: bad.length > 0, under: printers.map(({ name }) => name).join(' ') };
}

function alarmsOf(state: State | null): Cell {
  const said = (state?.alarms ?? []).map((word) => ALARMS[word] ?? { zh: word, en: '' });
  if (said.length === 0) return '–';
  return { text: { zh: said.map(({ zh }) => zh).join('、'), en: said.map(({ en }) => en).join(', ') }, bad: true };
}
