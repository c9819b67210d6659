/** From the view to the page: text only, never markup, so that nothing scanned can become part of the page. */
import type { Words } from '../../contracts.js';
import type { Screen, StationView, TerminalView } from '../view.js';

const SIGN: Readonly<Record<Screen['screen'], string>> = {
  waiting: '▢',
  reading: '…',
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

export function renderStations(into: HTMLElement, stations: readonly StationView[]): void {
  into.replaceChildren(...stations.map(renderStation));
}

function renderStation(station: StationView): HTMLElement {
  const section = element('section', `station ${station.screen.screen}`);
  section.dataset['station'] = station.station;
  section.append(
    both('p', 'title', station.title),
    element('p', 'sign', SIGN[station.screen.screen]),
    ...screenOf(station.screen),
    both('p', 'gate', GATE[station.gate]),
    ...(station.inside === null ? [] : [both('p', 'inside', { zh: `在内 ${station.inside} 人`, en: `${station.inside} inside` })]),
  );
  return section;
}

function screenOf(screen: Screen): HTMLElement[] {
  switch (screen.screen) {
    case 'waiting':
      return [both('h1', '', { zh: '请出示安康码或刷卡', en: 'Please show your code or card' })];
    case 'reading':
      return [both('h1', '', { zh: '正在读取…', en: 'Reading…' })];
    case 'admitted':
      return [both('h1', '', { zh: '请通行', en: 'Please go through' }), ...(screen.hint ? [both('p', 'next', screen.hint)] : [])];
    case 'refused':
      return [both('h1', '', screen.words), both('p', 'next', screen.next), element('p', 'number', `编号 No. ${screen.number}`)];
    case 'enrol':
      return [both('h1', '', screen.words), both('p', 'next', screen.next)];
    case 'free':
      return [both('h1', '', screen.words)];
    case 'out-of-order':
      return [both('h1', '', screen.words), element('p', 'number', `编号 No. ${screen.number}`)];
  }
}

export function renderStatus(into: HTMLElement, view: TerminalView): void {
  const age = view.trustAge === null ? '—' : `${Math.floor(view.trustAge / 60)} min`;
  into.replaceChildren(
    both('span', view.online ? 'online' : 'offline', view.online ? { zh: '在线', en: 'online' } : { zh: '离线', en: 'offline' }),
    ...(view.site === 'alone' ? [both('span', 'offline', { zh: '未连到本场所其他通道', en: 'other gates not heard' })] : []),
    both('span', '', { zh: `资料时间 ${age}`, en: `data age ${age}` }),
    both('span', '', { zh: `待发 ${view.backlog.entries}`, en: `${view.backlog.entries} to send` }),
    both('span', '', view.clock === 'known' ? { zh: '时间已校准', en: 'clock set' } : { zh: '时间未校准', en: 'clock unsure' }),
    element('span', 'terminal', `${view.terminal} · ${view.checkpoint}`),
  );
}

export function both(tag: string, className: string, words: Words): HTMLElement {
  const node = element(tag, className, words.zh);
  const english = element('span', 'en', words.en);
  english.lang = 'en';
  node.append(' ', english);
  return node;
}

export function element(tag: string, className = '', text = ''): HTMLElement {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}
