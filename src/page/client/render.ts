/** From the view to the page: text only, never markup, so that nothing scanned can become part of the page. */
import type { Words } from '../../contracts.js';
import type { Screen, StationView, TerminalView } from '../view.js';

const SIGN: Readonly<Record<Screen['screen'], string>> = {
  waiting: '▢',
  reading: '…',
  checking: '…',
  starting: '…',
  admitted: '✓',
  refused: '✕',
  free: '↔',
  enrol: '▢',
  'out-of-order': '!',
};

const GATE: Readonly<Record<StationView['gate'], Words>> = {
  locked: { zh: '闸机已锁', en: 'gate locked' },
  released: { zh: '闸机已放行', en: 'gate released' },
  free: { zh: '闸机常开', en: 'gate free' },
  down: { zh: '闸机断开', en: 'gate not connected' },
  none: { zh: '无闸机', en: 'no gate' },
};

const READERS: Readonly<Record<Exclude<StationView['readers'], 'all'>, Words>> = {
  some: { zh: '有读码器断开', en: 'a reader is not connected' },
  none: { zh: '读码器断开', en: 'no reader connected' },
};

export function renderStations(into: HTMLElement, stations: readonly StationView[]): void {
  into.replaceChildren(...stations.map(renderStation));
}

function renderStation(station: StationView): HTMLElement {
  const { screen, readers, inside } = station;
  const section = element('section', `station ${screen.screen}`);
  section.dataset['station'] = station.station;
  const said = element('div', 'said');
  const sign = element('p', 'sign', SIGN[screen.screen]);
  sign.ariaHidden = 'true';
  said.append(sign, ...screenOf(screen));
  const foot = element('p', 'foot');
  foot.append(
    both('span', 'gate', GATE[station.gate]),
    ...(readers === 'all' ? [] : [both('span', 'readers', READERS[readers])]),
    ...(inside === null ? [] : [both('span', 'inside', { zh: `在内 ${inside} 人`, en: `${inside} inside` })]),
  );
  section.append(both('p', 'title', station.title), said, foot);
  return section;
}

function screenOf(screen: Screen): HTMLElement[] {
  switch (screen.screen) {
    case 'waiting':
      return [both('h1', '', { zh: '请出示安康码或刷卡', en: 'Please show your code or card' })];
    case 'reading':
      return [both('h1', '', { zh: '正在读取…', en: 'Reading…' })];
    case 'checking':
      return [both('h1', '', { zh: '正在向县平台核验…', en: 'Checking with the county…' })];
    case 'starting':
      return [both('h1', '', { zh: '正在准备，请稍候', en: 'Getting ready, please wait' })];
    case 'admitted':
      return [both('h1', '', { zh: '请通行', en: 'Please go through' }), ...(screen.hint ? [both('p', 'next', screen.hint)] : [])];
    case 'refused':
      return [
        both('h1', '', screen.words),
        both('p', 'next', screen.next),
        both('p', 'number', { zh: `编号 ${screen.number}`, en: `No. ${screen.number}` }),
      ];
    case 'enrol':
      return [both('h1', '', screen.words), both('p', 'next', screen.next)];
    case 'free':
      return [both('h1', '', screen.words)];
    case 'out-of-order':
      return [both('h1', '', screen.words), both('p', 'number', { zh: `编号 ${screen.number}`, en: `No. ${screen.number}` })];
  }
}

const HOUR_S = 3600;
/** Room for longer than this is no news. */
const YEAR_H = 8760;

/** 5 → 5 seconds, 125 → 2 minutes, 90000 → 25 hours. */
function span(seconds: number): Words {
  if (seconds < 60) return { zh: `${seconds} 秒`, en: `${seconds} s` };
  if (seconds < HOUR_S) return { zh: `${Math.floor(seconds / 60)} 分钟`, en: `${Math.floor(seconds / 60)} min` };
  const hours = Math.floor(seconds / HOUR_S);
  return hours < 48
    ? { zh: `${hours} 小时`, en: `${hours} h` }
    : { zh: `${Math.floor(hours / 24)} 天`, en: `${Math.floor(hours / 24)} days` };
}

function ageOf(seconds: number | null): Words {
  if (seconds === null) return { zh: '资料时间不明', en: 'age of data unknown' };
  const age = span(seconds);
  return { zh: `资料 ${age.zh}前更新`, en: `data ${age.en} old` };
}

function backlogOf({ entries, hours }: TerminalView['backlog']): Words {
  if (entries === 0) return { zh: '记录已全部上报', en: 'nothing to send' };
  if (hours === null || hours > YEAR_H) return { zh: `待发 ${entries} 条`, en: `${entries} to send` };
  const room = span(hours * HOUR_S);
  return { zh: `待发 ${entries} 条，还可存 ${room.zh}`, en: `${entries} to send, room for ${room.en}` };
}

export function renderStatus(into: HTMLElement, view: TerminalView): void {
  into.replaceChildren(
    both('span', view.online ? 'online' : 'offline', view.online ? { zh: '在线', en: 'online' } : { zh: '离线', en: 'offline' }),
    ...(view.site === 'alone' ? [both('span', 'offline', { zh: '未连到本场所其他通道', en: 'other gates not heard' })] : []),
    both('span', '', ageOf(view.trustAge)),
    both('span', '', backlogOf(view.backlog)),
    ...(view.clock === 'known' ? [] : [both('span', 'offline', { zh: '时间未校准', en: 'clock not set' })]),
    element('span', 'terminal', `${view.terminal} · ${view.checkpoint}`),
  );
}

export function both(tag: string, className: string, words: Words): HTMLElement {
  const node = element(tag, className);
  const chinese = element('span', 'zh', words.zh);
  chinese.lang = 'zh-CN';
  const english = element('span', 'en', words.en);
  english.lang = 'en';
  node.append(chinese, ' ', english);
  return node;
}

export function element(tag: string, className = '', text = ''): HTMLElement {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}
