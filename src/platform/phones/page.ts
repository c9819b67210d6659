/** The pages that a phone sees: forms of HTML alone, without a script. Pure. */
import type { Instant, Line, Words } from '../../contracts.js';
import { localTime } from '../../messages/calendar.js';
import { type Form, type PhoneBlank, words } from './_offer.js';
import { LONGEST_CODE } from './identity.js';
import { both, html, type Markup } from './markup.js';
import type { BadVenue, SeenVenue } from './venue-read.js';

/** Why there is no form; each with the number that staff may ask for. */
export type Trouble = BadVenue | 'not-for-phones' | 'stale-page' | 'too-many' | 'too-large' | 'missing' | 'fault';

interface Said {
  readonly status: 400 | 403 | 404 | 410 | 413 | 429 | 500;
  readonly what: Words;
  readonly next: Words;
}

const STAFF = words('请向工作人员询问', 'Please ask a member of staff');
const AGAIN = words('请回到终端重新扫码', 'Please scan the code on the terminal again');

export const TROUBLES: Readonly<Record<Trouble, Said>> = {
  unreadable: { status: 400, what: words('这个码读不出来', 'This code cannot be read'), next: AGAIN },
  unknown: { status: 404, what: words('本县没有这台终端', 'No terminal of this county made this code'), next: STAFF },
  forged: {
    status: 403,
    what: words('这个码是伪造的，请勿使用', 'This code is forged: do not use it'),
    next: words('请告诉工作人员您在哪里看到它', 'Please tell staff where you saw it'),
  },
  early: { status: 403, what: words('这个码还没有生效', 'This code does not hold yet'), next: STAFF },
  expired: { status: 410, what: words('这个码已经过期', 'This code has expired'), next: AGAIN },
  'not-for-phones': { status: 404, what: words('这个码不用手机登记', 'Nothing is registered with a phone here'), next: STAFF },
  'stale-page': {
    status: 403,
    what: words('页面已失效，没有登记', 'This page is not valid any more; nothing was registered'),
    next: AGAIN,
  },
  'too-many': {
    status: 429,
    what: words('操作太频繁', 'Too many requests'),
    next: words('请一分钟后再试', 'Please try again in a minute'),
  },
  'too-large': { status: 413, what: words('填写的内容过长', 'Too much was filled in'), next: AGAIN },
  missing: {
    status: 404,
    what: words('没有这个页面', 'There is no such page'),
    next: words('请扫描终端上的码', 'Please scan the code on a terminal'),
  },
  fault: { status: 500, what: words('县平台暂时不能登记', 'The county cannot register anything just now'), next: STAFF },
};

function page(title: Words, main: Markup): string {
  return html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title.zh} · 安康码</title>
<link rel="stylesheet" href="/phones.css">
</head>
<body>
<header><p>安康码 · 手机登记 <span lang="en">Ankang: register with your phone</span></p></header>
<main>${main}</main>
</body>
</html>
`.text;
}

export function troublePage(trouble: Trouble): string {
  const { what, next } = TROUBLES[trouble];
  return sayPage(what, next);
}

/** Nothing can be registered here now, and what to do. */
export function sayPage(what: Words, next: Words = STAFF): string {
  return page(what, html`<h1 class="bad">${both(what)}</h1><p>${both(next)}</p>`);
}

export interface FormView {
  readonly venue: SeenVenue;
  readonly form: Form;
  /** Names this visit, and proves that this page is ours. */
  readonly visit: string;
  readonly proof: string;
  /** What the page asks for to know who it is; undefined: it is known. */
  readonly asks: Words | undefined;
  readonly values: Readonly<Record<string, string>>;
  /** By blank, or under '' of the whole. */
  readonly faults: Readonly<Record<string, Words>>;
}

export function formPage({ venue, form, visit, proof, asks, values, faults }: FormView): string {
  const whole = faults[''];
  const who = faults['who'];
  return page(
    form.heading,
    html`<h1>${both(form.heading)}</h1>
${linesOf([{ label: words('扫的码', 'You scanned'), value: venue.claims.title }, ...form.lines])}
${whole && html`<p class="notice bad" role="alert">${both(whole)}</p>`}
<form method="post" autocomplete="off">
<input type="hidden" name="visit" value="${visit}"><input type="hidden" name="proof" value="${proof}">
${form.blanks.map((blank) => blankOf(blank, values[blank.id] ?? '', faults[blank.id]))}
${
  asks &&
  html`<div class="blank"><label for="who">${both(asks)}</label>
<textarea id="who" name="who" rows="3" maxlength="${LONGEST_CODE}" required spellcheck="false" autocapitalize="characters"${described('who', who)}>${values['who'] ?? ''}</textarea>
${faultOf('who', who)}</div>`
}
<button type="submit">${both(words('登记', 'Register'))}</button>
</form>
<p class="quiet">${both(words('登记到县平台，终端只知道数量，不知道您是谁', 'Kept by the county; the terminal hears how many, not who you are'))}</p>`,
  );
}

function blankOf(blank: PhoneBlank, value: string, fault: Words | undefined): Markup {
  const { id, label } = blank;
  if (blank.kind === 'number')
    return html`<div class="blank"><label for="${id}">${both(label)}</label>
<input id="${id}" name="${id}" type="number" inputmode="numeric" min="${blank.least}" max="${blank.most}" step="1" required value="${value || blank.least}"${described(id, fault)}>
${faultOf(id, fault)}</div>`;
  return html`<fieldset class="blank"${described(id, fault)}><legend>${both(label)}</legend>
${blank.choices.map(
  (choice) =>
    html`<label class="choice"><input type="radio" name="${id}" value="${choice.id}"${
      choice.id === value && html` checked`
    }${!blank.optional && html` required`}><span>${both(choice.label)}</span></label>`,
)}
${faultOf(id, fault)}</fieldset>`;
}

const described = (id: string, fault: Words | undefined): Markup | undefined => fault && html` aria-describedby="${id}-fault"`;
const faultOf = (id: string, fault: Words | undefined): Markup | undefined =>
  fault && html`<p class="fault" id="${id}-fault" role="alert">${both(fault)}</p>`;

const linesOf = (lines: readonly Line[]): Markup =>
  html`<dl>${lines.map(({ label, value }) => html`<div><dt>${both(label)}</dt><dd>${typeof value === 'string' ? value : both(value)}</dd></div>`)}</dl>`;

export interface DoneView {
  readonly venue: SeenVenue;
  readonly done: Words;
  readonly number: string;
  readonly at: Instant;
  readonly lines: readonly Line[];
}

export function donePage({ venue, done, number, at, lines }: DoneView): string {
  const all = [
    { label: words('扫的码', 'You scanned'), value: venue.claims.title },
    ...lines,
    { label: words('时间', 'Time'), value: timeOf(at) },
  ];
  return page(
    done,
    html`<h1 class="good">${both(done)}</h1>
<p class="number"><span>${both(words('登记号', 'Number'))}</span> <strong>${number}</strong></p>
${linesOf(all)}`,
  );
}

function timeOf(at: Instant): string {
  const { day, minute } = localTime(at);
  return `${day} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
