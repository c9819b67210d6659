/** A code for somebody who cannot apply alone: both are named, the relation is recorded, the county decides (ELD-01). Works without a network. */
import type { Choice, Desk, Facts, Presented, Words } from '../contracts.js';
import { APPLICATION_ASKED, APPLICATION_STATE, type APPLICATION_STATES } from '../messages/elder.js';
import { residentId } from '../messages/identifiers.js';
import { maskedId, maskedName } from '../messages/masked.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  helper: words('请办理人出示自己的安康码或社保卡', 'Show your own code or card first'),
  way: words('老人或孩子有社保卡吗？', 'Does the other person have a social security card?'),
  card: words('请刷对方的社保卡', 'Put the other person’s card on the reader'),
  notCard: words('这不是卡片，请刷对方的社保卡', 'That is no card: put the other person’s card on the reader'),
  same: words('这是您自己的卡，请刷对方的', 'That is your own card: the other person’s is needed'),
  person: words('对方的信息', 'About the other person'),
  name: words('姓名', 'Name'),
  idNumber: words('身份证号码', 'Resident ID number'),
  birth: words('出生日期', 'Date of birth'),
  mismatch: words('出生日期与身份证号码不符，请重新填写', 'The birth date does not fit the number: please enter them again'),
  relation: words('您是对方的', 'You are the other person’s'),
  consent: words('对方或其监护人同意代为申领？', 'Do they, or their guardian, agree to this application?'),
  person2: words('对方', 'The other person'),
  carrier: words('社保卡', 'Social security card'),
  declined: words('未取得同意，没有申领', 'Without consent nothing was applied for'),
  sent: words('申领已登记，由县里核实', 'The application is registered; the county looks into it'),
  number: words('申领号', 'Number'),
  slip: words('代申领回执', 'Application'),
  typed: words('请输入申领号，或扫回执上的码', 'Scan the code on the slip, or go on to type the number'),
  enter: words('请输入申领号', 'Enter the number'),
  waiting: words('正在核实', 'It is being looked into'),
  approved: words('已通过，可以打印纸质码或刷社保卡使用', 'Approved: a code on paper can be printed, the card can be used'),
  refused: words('未通过，请到人工窗口', 'Declined; please go to a staffed window'),
  nowhere: words(
    '没有查到这个申领号，刚登记的要等联网上报',
    'There is no such number yet; one just made is sent when the network is there',
  ),
  away: words('现在连不上县平台，请稍后再查', 'The county cannot be reached now; please try later'),
};
export const APPLY_WORDS = WORDS;

const WAYS: readonly Choice[] = [
  { id: 'card', label: words('有，刷卡', 'Yes: put it on the reader') },
  { id: 'typed', label: words('没有，填写身份证号码', 'No: enter the ID number') },
];
const RELATIONS: readonly Choice[] = [
  { id: 'child', label: words('子女', 'Child') },
  { id: 'parent', label: words('父母', 'Parent') },
  { id: 'spouse', label: words('配偶', 'Husband or wife') },
  { id: 'guardian', label: words('其他监护人', 'Another guardian') },
  { id: 'clerk', label: words('社区、村工作人员', 'Clerk of the community or village') },
];

export async function apply(desk: Desk): Promise<void> {
  const helper = await desk.identify(WORDS.helper, ['person']);
  const { id: way } = await desk.choose(WORDS.way, WAYS);
  const elder = way === 'card' ? await byCard(desk, helper) : await typed(desk);
  const relation = await desk.choose(WORDS.relation, RELATIONS);
  const agreed = await desk.confirm(WORDS.consent, [
    { label: WORDS.person2, value: elder.shown },
    { label: WORDS.relation, value: relation.label },
  ]);
  if (!agreed) return desk.show(WORDS.declined);
  const facts = { relation: relation.id, way };
  const number = await desk.submit({ kind: 'elder-application', facts, of: helper, personal: elder.told });
  const line = { label: WORDS.number, value: number };
  await desk.print({ kind: 'slip', title: WORDS.slip, lines: [{ words: WORDS.sent }, line, { code: number }] });
  await desk.show(WORDS.sent, [line]);
}

interface Elder {
  readonly shown: string | Words;
  /** Sealed with the application. */
  readonly told: Facts;
}

/** Whose card it is the county knows by its subject. */
async function byCard(desk: Desk, helper: Presented): Promise<Elder> {
  for (let ask = WORDS.card; ; ) {
    const { credential } = await desk.identify(ask, ['person']);
    if (credential.form !== 'card') ask = WORDS.notCard;
    else if (credential.subject === helper.credential.subject) ask = WORDS.same;
    else return { shown: WORDS.carrier, told: { elder: credential.subject } };
  }
}

async function typed(desk: Desk): Promise<Elder> {
  for (;;) {
    const {
      name = '',
      idNumber = '',
      birth = '',
    } = await desk.fill(WORDS.person, [
      { id: 'name', label: WORDS.name, kind: 'text', longest: 30 },
      { id: 'idNumber', label: WORDS.idNumber, kind: 'id-number' },
      { id: 'birth', label: WORDS.birth, kind: 'date' },
    ]);
    const id = residentId(idNumber) ?? '';
    if (birth.replaceAll('-', '') === id.slice(6, 14))
      return { shown: `${maskedName(name)} ${maskedId(id)}`, told: { name, idNumber: id } };
    await desk.show(WORDS.mismatch);
  }
}

/** In words, what became of it; `operation`: whom to ask. */
export async function stateOf(desk: Desk, operation: string): Promise<void> {
  const scanned =
    (await desk.scan(WORDS.typed)) ??
    (await desk.fill(WORDS.enter, [{ id: 'number', label: WORDS.number, kind: 'text', longest: 20 }]))['number'];
  const asked = APPLICATION_ASKED.safeParse({ number: scanned?.toUpperCase() }).data;
  if (!asked) return desk.show(WORDS.nowhere);
  const answer = await desk.ask(operation, asked);
  if (!answer) return desk.show(WORDS.away);
  const state = answer.status === 'ok' ? APPLICATION_STATE.safeParse(answer.body).data?.state : undefined;
  await desk.show(state ? SAID[state] : WORDS.nowhere);
}

const SAID: Readonly<Record<(typeof APPLICATION_STATES)[number], Words>> = {
  waiting: WORDS.waiting,
  approved: WORDS.approved,
  declined: WORDS.refused,
};
