/** The display of a gate: shows what the terminal says, and that it is gone when it says nothing. `/?station=ID` shows one of several. */
import type { TerminalView } from '../view.js';
import { openDesks, renderDesks } from './desk.js';
import { chooseLanguage } from './language.js';
import { both, element, renderStations, renderStatus } from './render.js';

/** The daemon writes at least every 5 s; after twice that its silence is shown. */
const SILENCE_MS = 12_000;

const only = new URLSearchParams(location.search).get('station');

const stations = document.querySelector<HTMLElement>('#stations');
const desks = document.querySelector<HTMLElement>('#desks');
const language = document.querySelector<HTMLElement>('#language');
const status = document.querySelector<HTMLElement>('#status');
let silence = 0;
/** What stands there: drawn anew only when it changed, so that nothing is read out twice. */
let drawn = '';
let opened = false;

function gone(): void {
  drawn = '';
  document.body.dataset['gone'] = 'true';
  if (desks) renderDesks(desks, []);
  document.body.dataset['desk'] = 'false';
  stations?.replaceChildren(renderGone());
  status?.replaceChildren(both('span', 'offline', { zh: '终端程序没有回应', en: 'the terminal’s program does not answer' }));
}

function renderGone(): HTMLElement {
  const section = element('section', 'station out-of-order');
  const said = element('div', 'said');
  const sign = element('p', 'sign', '!');
  sign.ariaHidden = 'true';
  said.append(
    sign,
    both('h1', '', { zh: '本机暂停使用', en: 'This terminal is out of order' }),
    both('p', 'number', { zh: '编号 116', en: 'No. 116' }),
  );
  section.append(element('p', 'title'), said);
  return section;
}

function show(view: TerminalView): void {
  delete document.body.dataset['gone'];
  clearTimeout(silence);
  silence = window.setTimeout(gone, SILENCE_MS);
  const isMine = ({ station }: { readonly station: string }): boolean => only === null || station === only;
  const mine = view.stations.filter(isMine);
  const seated = view.desks.filter(isMine);
  if (desks && !opened) openDesks(seated);
  opened = true;
  const now = JSON.stringify(mine);
  if (stations && now !== drawn) renderStations(stations, mine);
  drawn = now;
  if (desks) renderDesks(desks, seated);
  document.body.dataset['desk'] = String(seated.length > 0);
  if (status) renderStatus(status, view);
}

if (language) chooseLanguage(language);
const events = new EventSource('/events');
events.addEventListener('view', (event) => show(JSON.parse((event as MessageEvent<string>).data) as TerminalView));
silence = window.setTimeout(gone, SILENCE_MS);
