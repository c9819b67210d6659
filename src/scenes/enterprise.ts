/** Scene `enterprise`: its code, card, policies, direct handling, credit and licences (ENT-01 to ENT-06). */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Line, Presented, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import {
  APPLIED,
  CODE,
  CODE_MADE,
  CREDIT,
  CREDIT_RECORD,
  LICENCE,
  LICENCE_SHOWN,
  LICENCES,
  LICENCES_HELD,
} from '../messages/enterprise.js';
import { searchOver } from '../messages/search.js';
import { apply as applyFor, found, isFor } from './_affair.js';
import { WORDS as AFFAIR_WORDS } from './_affair-words.js';
import { APPLY_WORDS, stateOf } from './_application.js';
import { actor, byCodeAlone, ENTERPRISE_WORDS, type Enterprise, enterprise } from './_enterprise.js';
import { POLICY_WORDS, policies } from './_policies.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  ...APPLY_WORDS,
  ...ENTERPRISE_WORDS,
  ...POLICY_WORDS,
  what: words('企业服务', 'For enterprises'),
  name: words('企业名称', 'Name'),
  status: words('登记状态', 'Status'),
  contact: words('联系方式', 'Contact'),
  card: words('企业名片', 'Business card'),
  representative: words('请法定代表人出示自己的安康码或社保卡', 'The legal representative shows their own code or card'),
  agree: words('申领企业码，供各处核验', 'Apply for an enterprise code'),
  received: words('申领已登记，由县里核实', 'The application is registered; the county looks into it'),
  slip2: words('企业码申领回执', 'Application for an enterprise code'),
  made: words('企业码，请打印张贴', 'The enterprise’s code'),
  until: words('有效期至', 'Holds until'),
  takeIt: words('请取走打印好的企业码', 'Please take the printed code'),
  noPaper: words('没有打印成功，请到人工窗口', 'It could not be printed; please go to a staffed window'),
  credit: words('公共信用记录', 'Public credit record'),
  asOf: words('截至', 'As of'),
  clean: words('没有失信或处罚记录', 'There are no penalties'),
  licences: words('查看哪一份？', 'Which one?'),
  noLicences: words('电子证照库中没有这家企业的证照', 'The library has no licences of this enterprise'),
  consent: words('同意本人为办事查看，并留下记录？', 'Do you agree to see it for this purpose, which is recorded?'),
  purpose: words('用途', 'Purpose'),
  watermark: words('水印', 'Watermark'),
  missing: words('没有查到', 'Nothing was found'),
};

const CHOICES: readonly Choice[] = [
  { id: 'apply', label: words('申领企业码', 'Apply for a code') },
  { id: 'card', label: words('企业名片', 'Business card') },
  { id: 'policies', label: words('惠企政策', 'Policies') },
  { id: 'direct', label: words('直接办事', 'Apply for something') },
  { id: 'credit', label: words('信用记录', 'Credit record') },
  { id: 'licences', label: words('电子证照', 'E-licences') },
  { id: 'print', label: words('打印企业码', 'Print the code') },
  { id: 'state', label: words('查询申领结果', 'How is an application going?') },
];
const PURPOSES: readonly Choice[] = [
  { id: 'affairs', label: words('办理政务事项', 'An item at the county hall') },
  { id: 'bid', label: words('投标、签约', 'A tender or a contract') },
  { id: 'check', label: words('核对信息', 'To check what it says') },
];
const STATUS: Readonly<Record<Enterprise['status'], Words>> = {
  active: words('存续', 'active'),
  suspended: words('暂停', 'suspended'),
  revoked: words('吊销', 'revoked'),
};
const KINDS = { good: words('守信', 'Good'), penalty: words('处罚', 'Penalty'), notice: words('提示', 'Notice') };

async function visit(desk: Desk): Promise<void> {
  const { id } = await desk.choose(WORDS.what, CHOICES);
  if (id === 'policies') return policies(desk);
  if (id === 'state') return stateOf(desk, APPLIED);
  if (id === 'apply') return apply(desk);
  const which = await enterprise(desk);
  if (!which) return;
  if (id === 'card') return desk.show(WORDS.card, cardLines(which));
  if (id === 'credit') return credit(desk, which);
  const who = await actor(desk, which);
  if (!who) return;
  if (id === 'print') return printCode(desk, which, who);
  return id === 'direct' ? direct(desk, which, who) : licences(desk, which, who);
}

function cardLines({ creditCode, name, status, shown }: Enterprise): readonly Line[] {
  const contact = shown?.credential.claims['contact'];
  return [
    { label: WORDS.name, value: name },
    { label: WORDS.creditCode, value: creditCode },
    { label: WORDS.status, value: STATUS[status] },
    ...(typeof contact === 'string' ? [{ label: WORDS.contact, value: contact }] : []),
  ];
}

/** Kept here and sent later where there is no network: the county looks whether it is the representative. */
async function apply(desk: Desk): Promise<void> {
  const which = await enterprise(desk, byCodeAlone);
  if (!which) return;
  const { creditCode, name } = which;
  const who = await desk.identify(WORDS.representative, ['person']);
  const agreed = await desk.confirm(WORDS.agree, [
    ...(name === '' ? [] : [{ label: WORDS.name, value: name }]),
    { label: WORDS.creditCode, value: creditCode },
  ]);
  if (!agreed) return;
  const number = await desk.submit({ kind: 'enterprise-application', facts: { creditCode }, of: who });
  const line = { label: WORDS.number, value: number };
  await desk.print({ kind: 'slip', title: WORDS.slip2, lines: [{ words: WORDS.received }, line, { code: number }] });
  await desk.show(WORDS.received, [line]);
}

async function credit(desk: Desk, { creditCode, name }: Enterprise): Promise<void> {
  const answer = await desk.ask(CREDIT, { creditCode });
  if (!answer) return desk.show(WORDS.away);
  const record = answer.status === 'ok' ? CREDIT_RECORD.safeParse(answer.body).data : undefined;
  if (!record) return desk.show(WORDS.missing);
  const records = record.records.map(({ date, kind, text }) => ({
    label: words(`${date} ${KINDS[kind].zh}`, `${date} ${KINDS[kind].en}`),
    value: text,
  }));
  const lines: readonly Line[] = [
    { label: WORDS.name, value: name },
    { label: WORDS.asOf, value: record.asOf },
    ...(records.some((_, i) => record.records[i]?.kind === 'penalty') ? [] : [{ label: WORDS.credit, value: WORDS.clean }]),
    ...records,
  ];
  await desk.show(WORDS.credit, lines);
}

/** Its items start here, with what the library has of it (ENT-04); that this person may act for it is settled. */
async function direct(desk: Desk, { creditCode, name, shown }: Enterprise, person: Presented): Promise<void> {
  const search = searchOver(desk.data('items'));
  if (!search) return desk.show(AFFAIR_WORDS.none);
  const item = await found(desk, search, isFor('enterprise'));
  if (item) await applyFor(desk, { item, version: search.version }, { person, enterprise: { creditCode, name, ...(shown && { shown }) } });
}

/** Seen after consent, with a watermark; there is nothing to take away. */
async function licences(desk: Desk, { creditCode }: Enterprise, who: Presented): Promise<void> {
  const answer = await desk.ask(LICENCES, { creditCode }, who);
  if (!answer) return desk.show(WORDS.away);
  const held = answer.status === 'ok' ? LICENCES_HELD.safeParse(answer.body).data?.licences : undefined;
  if (!held || held.length === 0) return desk.show(WORDS.noLicences);
  const choices = held.map(({ id, name, until }) => ({
    id,
    label: name,
    ...(until !== undefined && { detail: words(`有效期至 ${until}`, `holds until ${until}`) }),
  }));
  const chosen = await desk.choose(WORDS.licences, choices);
  const purpose = await desk.choose(WORDS.purpose, PURPOSES);
  const lines = [
    { label: WORDS.licences, value: chosen.label },
    { label: WORDS.purpose, value: purpose.label },
  ];
  if (!(await desk.confirm(WORDS.consent, lines))) return;
  const shown = await desk.ask(LICENCE, { creditCode, id: chosen.id, purpose: purpose.id }, who);
  if (!shown) return desk.show(WORDS.away);
  const licence = shown.status === 'ok' ? LICENCE_SHOWN.safeParse(shown.body).data : undefined;
  if (!licence) return desk.show(WORDS.missing);
  await desk.show(licence.name, [...licence.lines, { label: WORDS.watermark, value: licence.watermark }]);
}

async function printCode(desk: Desk, { creditCode }: Enterprise, who: Presented): Promise<void> {
  const answer = await desk.ask(CODE, { creditCode }, who);
  if (!answer) return desk.show(WORDS.away);
  const made = answer.status === 'ok' ? CODE_MADE.safeParse(answer.body).data : undefined;
  if (!made) return desk.show(WORDS.missing);
  const until = { label: WORDS.until, value: made.until };
  const lines = [{ label: WORDS.creditCode, value: creditCode }, until];
  const printed = await desk.print({ kind: 'poster', title: WORDS.made, heading: made.name, lines, code: made.code });
  await desk.show(printed === 'printed' ? WORDS.takeIt : WORDS.noPaper, [
    until,
    { label: WORDS.asOf, value: localTime(desk.at.earliest).day },
  ]);
}

export default {
  accepts: ['enterprise', 'person'],
  settings: z.strictObject({}),
  title: words('企业服务', 'For enterprises'),
  words: WORDS,
  visit,
} satisfies DeskScene<Record<string, never>>;
