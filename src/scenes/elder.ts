/** Scene `elder`: for people without a phone: a code on paper, the social security card, an application by a relative or clerk (ELD-01 to ELD-03). */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Words } from '../contracts.js';
import { APPLICATION, BIND, CARRIERS, CARRIERS_HELD, type Carriers, LOST, PAPER, PAPER_MADE, PAPER_REFUSED } from '../messages/elder.js';
import { APPLY_WORDS, apply, stateOf } from './_application.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  ...APPLY_WORDS,
  what: words('没有手机也能办', 'Without a phone'),
  who: words('请刷社保卡，或出示安康码', 'Put the social security card on the reader, or show a code'),
  card: words('请刷要登记的社保卡', 'Put the card that is to be registered on the reader'),
  notCard: words('这不是卡片，请刷社保卡', 'That is no card: put the social security card on the reader'),
  size: words('打印成哪一种？', 'Which size?'),
  agree: words('打印一张纸质码，可在各处代替手机出示', 'A code on paper is printed; it may be shown everywhere instead of a phone'),
  until: words('有效期至', 'Holds until'),
  paper: words('纸质安康码', 'Ankang code on paper'),
  printed: words('请取走打印好的纸质码', 'Please take the printed code'),
  keep: words('请保管好；丢失请来这里或在手机上挂失', 'Keep it safe; if it is lost, say so here or on a phone'),
  notPrinted: words(
    '没有打印成功，这张码已作废，请到人工窗口',
    'It could not be printed, and this code is void; please go to a staffed window',
  ),
  notVoid: words('没有打印成功，请到人工窗口', 'It could not be printed; please go to a staffed window'),
  tooMany: words('有效的纸质码已满，请先挂失一张', 'There are too many on paper already: report one as lost first'),
  unknown: words('县平台没有查到您的登记，可先代申领', 'The county does not know you yet: apply for a code first'),
  offline: words('现在连不上县平台，请稍后再来或到人工窗口', 'The county cannot be reached now; come back later or go to a staffed window'),
  bound: words('社保卡登记完成，凡能扫码处都可刷卡', 'The card is registered: it works wherever the code does'),
  none: words('没有可挂失的纸质码或卡', 'There is nothing on paper and no card to report'),
  which: words('挂失哪一件？', 'Which one is lost?'),
  lost: words('挂失完成，几分钟内各处停用', 'It is reported, and void everywhere within minutes'),
  right: words('确认挂失吗？以后不能恢复', 'Report it as lost? This cannot be undone'),
  what2: words('挂失', 'Lost'),
};

const CHOICES: readonly Choice[] = [
  { id: 'paper', label: words('打印纸质码', 'Print a code on paper') },
  { id: 'bind', label: words('登记社保卡', 'Register a social security card') },
  { id: 'lost', label: words('挂失', 'Something is lost') },
  { id: 'apply', label: words('为老人、孩子代申领', 'Apply for somebody else') },
  { id: 'state', label: words('查询代申领结果', 'How is an application going?') },
];
const SIZES: readonly (Choice & { readonly kind: 'card' | 'poster' })[] = [
  { id: 'card', kind: 'card', label: words('大字卡片', 'A card in large print') },
  { id: 'a4', kind: 'poster', label: words('整张 A4', 'A sheet of A4') },
];

async function visit(desk: Desk): Promise<void> {
  const { id } = await desk.choose(WORDS.what, CHOICES);
  if (id === 'paper') return paper(desk);
  if (id === 'bind') return bind(desk);
  if (id === 'lost') return lost(desk);
  return id === 'apply' ? apply(desk) : stateOf(desk, APPLICATION);
}

async function paper(desk: Desk): Promise<void> {
  const who = await desk.identify(WORDS.who, ['person']);
  const size = await desk.choose(WORDS.size, SIZES);
  if (!(await desk.confirm(WORDS.agree, [{ label: WORDS.paper, value: size.label }]))) return;
  const answer = await desk.ask(PAPER, {}, who);
  const made = answer?.status === 'ok' ? PAPER_MADE.safeParse(answer.body).data : undefined;
  if (!answer) return desk.show(WORDS.offline);
  if (!made) return desk.show(PAPER_REFUSED.safeParse(answer.body).data?.reason === 'too-many' ? WORDS.tooMany : WORDS.unknown);
  const until = { label: WORDS.until, value: made.until };
  const printed = await desk.print({ kind: size.kind, title: WORDS.paper, heading: made.name, lines: [until], code: made.code });
  if (printed === 'printed') return desk.show(WORDS.printed, [until, { label: WORDS.what2, value: WORDS.keep }]);
  const voided = await desk.ask(LOST, { id: made.id }, who);
  await desk.show(voided?.status === 'ok' ? WORDS.notPrinted : WORDS.notVoid);
}

async function bind(desk: Desk): Promise<void> {
  for (let ask = WORDS.card; ; ask = WORDS.notCard) {
    const who = await desk.identify(ask, ['person']);
    if (who.credential.form !== 'card') continue;
    const answer = await desk.ask(BIND, {}, who);
    if (!answer) return desk.show(WORDS.offline);
    return desk.show(answer.status === 'ok' ? WORDS.bound : WORDS.unknown);
  }
}

async function lost(desk: Desk): Promise<void> {
  const who = await desk.identify(WORDS.who, ['person']);
  const answer = await desk.ask(CARRIERS, {}, who);
  if (!answer) return desk.show(WORDS.offline);
  const held = answer.status === 'ok' ? CARRIERS_HELD.safeParse(answer.body).data : undefined;
  const choices = held ? carriers(held) : [];
  if (choices.length === 0) return desk.show(WORDS.none);
  const chosen = await desk.choose(WORDS.which, choices);
  if (!(await desk.confirm(WORDS.right, [{ label: WORDS.what2, value: chosen.label }]))) return;
  const done = await desk.ask(LOST, { id: chosen.id }, who);
  await desk.show(done?.status === 'ok' ? WORDS.lost : WORDS.offline);
}

const carriers = ({ papers, cards }: Carriers): readonly Choice[] => [
  ...papers.map(({ id, since, until }) => ({
    id,
    label: words(`${since} 打印的纸质码`, `Printed on ${since}`),
    detail: words(`有效期至 ${until}`, `holds until ${until}`),
  })),
  ...cards.map(({ id, since }) => ({ id, label: words(`${since} 登记的社保卡`, `Card registered on ${since}`) })),
];

export default {
  accepts: ['person'],
  settings: z.strictObject({}),
  title: words('长者服务', 'For the elderly'),
  words: WORDS,
  visit,
} satisfies DeskScene<Record<string, never>>;
