/** Which enterprise it is, and who acts for it (ENT-01 to ENT-06). */
import type { Choice, Desk, Presented, Words } from '../contracts.js';
import { ACTING, ACTING_AS, creditCodeIn, FIND, FOUND, type Found } from '../messages/enterprise.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  how: words('怎样确认企业？', 'How is the enterprise to be found?'),
  code: words('请出示企业码', 'Show the enterprise’s code'),
  licence: words('请扫营业执照上的二维码', 'Scan the QR code on the business licence'),
  typed: words('请输入统一社会信用代码', 'Enter the unified social credit code'),
  creditCode: words('统一社会信用代码', 'Credit code'),
  explained: words('18 位，末位是校验位，不含 I、O、S、V、Z', '18 characters, the last one checks the others; no I, O, S, V, Z'),
  notFound: words('没有查到这家企业，请核对后再试', 'There is no such enterprise; please check and try again'),
  offline: words(
    '现在连不上县平台。企业码可以直接查看名片和政策',
    'The county cannot be reached now. With the enterprise’s code its card and the policies can still be seen',
  ),
  away: words('现在连不上县平台，请稍后再来或到人工窗口', 'The county cannot be reached now; come back later or go to a staffed window'),
  person: words('请办理人出示自己的安康码或社保卡', 'Show your own code or card'),
  nobody: words('您不是这家企业的法定代表人或授权经办人，不能办理', 'You are neither its legal representative nor an authorised agent'),
  suspended: words('这家企业的状态不是存续，请到人工窗口', 'This enterprise is not active; please go to a staffed window'),
};
export const ENTERPRISE_WORDS = WORDS;

const WAYS: readonly Choice[] = [
  { id: 'code', label: words('出示企业码', 'Show its code') },
  { id: 'licence', label: words('扫营业执照', 'Scan its licence') },
  { id: 'typed', label: words('输入信用代码', 'Type its credit code') },
];

export interface Enterprise {
  readonly creditCode: string;
  /** '': the county could not be asked. */
  readonly name: string;
  readonly status: Found['status'];
  /** Of its signed code; undefined: the platform said what else is known. */
  readonly shown: Presented | undefined;
  readonly found: Found | undefined;
}

type Asked = { readonly licence: string } | { readonly creditCode: string };
/** What becomes of it when the county cannot be asked. */
type Unanswered = (desk: Desk, asked: Asked) => Promise<Enterprise | undefined>;

const sayOffline: Unanswered = (desk) => said(desk, WORDS.offline);

/** For what is kept here and looked into later: the credit code checks itself. */
export const byCodeAlone: Unanswered = async (desk, asked) => {
  const creditCode = 'creditCode' in asked ? asked.creditCode : creditCodeIn(asked.licence);
  return creditCode === undefined
    ? said(desk, WORDS.offline)
    : { creditCode, name: '', status: 'active', shown: undefined, found: undefined };
};

/** undefined: it was told why not. */
export async function enterprise(desk: Desk, unanswered: Unanswered = sayOffline): Promise<Enterprise | undefined> {
  const { id } = await desk.choose(WORDS.how, WAYS);
  if (id === 'code') return signed(await desk.identify(WORDS.code, ['enterprise']));
  const asked = id === 'licence' ? await licence(desk) : await typed(desk);
  if (!asked) return undefined;
  const answer = await desk.ask(FIND, asked);
  if (!answer) return unanswered(desk, asked);
  const found = answer.status === 'ok' ? FOUND.safeParse(answer.body).data : undefined;
  if (!found) return said(desk, WORDS.notFound);
  return { creditCode: found.creditCode, name: found.name, status: found.status, shown: undefined, found };
}

async function said(desk: Desk, what: Words): Promise<undefined> {
  await desk.show(what);
}

async function licence(desk: Desk): Promise<{ readonly licence: string } | undefined> {
  const text = await desk.scan(WORDS.licence);
  return text === undefined ? undefined : { licence: text };
}

async function typed(desk: Desk): Promise<{ readonly creditCode: string }> {
  const { code = '' } = await desk.fill(WORDS.typed, [
    {
      id: 'code',
      label: words(`${WORDS.creditCode.zh}（${WORDS.explained.zh}）`, `${WORDS.creditCode.en} (${WORDS.explained.en})`),
      kind: 'credit-code',
    },
  ]);
  return { creditCode: code.toUpperCase() };
}

function signed(shown: Presented): Enterprise {
  const { subject, claims } = shown.credential;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const status = text(claims['status']);
  const known = status === 'active' || status === 'suspended' ? status : 'revoked';
  return { creditCode: subject, name: text(claims['name']), status: known, shown, found: undefined };
}

/** Who may act for it; undefined: it was told why not. */
export async function actor(desk: Desk, { creditCode, status }: Enterprise): Promise<Presented | undefined> {
  const who = await desk.identify(WORDS.person, ['person']);
  const answer = await desk.ask(ACTING, { creditCode }, who);
  if (!answer) return said(desk, WORDS.away);
  const role = answer.status === 'ok' ? ACTING_AS.safeParse(answer.body).data?.role : undefined;
  if (role !== 'representative' && role !== 'agent') return said(desk, WORDS.nobody);
  return status === 'active' ? who : said(desk, WORDS.suspended);
}
