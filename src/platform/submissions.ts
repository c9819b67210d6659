/** What desks hand in, in words for the county's board; counts only. Pure. */
import type { Words } from '../contracts.js';
import type { Submitted } from './store-places.js';

const words = (zh: string, en: string): Words => ({ zh, en });

/** Service → kinds of its records, in the order they are shown. */
const SERVICES: readonly { readonly service: Words; readonly kinds: Readonly<Record<string, Words>> }[] = [
  {
    service: words('政务服务', 'County hall'),
    kinds: { affair: words('申请', 'applications'), 'affair-case': words('办件', 'cases') },
  },
  {
    service: words('付款', 'Payments'),
    kinds: { 'payment-paid': words('已收款', 'paid'), payment: words('终端记录', 'entries of terminals') },
  },
  { service: words('药店', 'Pharmacies'), kinds: { 'drug-sale': words('购药登记', 'sales') } },
  {
    service: words('冷链', 'Cold chain'),
    kinds: {
      'market-batch': words('批次', 'batches'),
      'market-sale': words('销售', 'sales'),
      'market-closed': words('清空批次', 'batches closed'),
    },
  },
  { service: words('住宿', 'Hotels'), kinds: { 'stay-guest': words('入住', 'guests'), 'stay-left': words('离店', 'departures') } },
  {
    service: words('会议', 'Meetings'),
    kinds: {
      meeting: words('会议', 'meetings'),
      'meeting-event': words('签到签退', 'signed in or out'),
      'meeting-closed': words('已结束', 'closed'),
    },
  },
  { service: words('长者', 'The elderly'), kinds: { 'elder-application': words('代办申请', 'applications') } },
  { service: words('企业', 'Enterprises'), kinds: { 'enterprise-application': words('企业码申请', 'applications') } },
  { service: words('满意度', 'Survey'), kinds: { 'survey-answer': words('评价', 'answers') } },
  { service: words('窗口', 'Windows'), kinds: { window: words('读码', 'codes read') } },
  { service: words('工作人员', 'Staff'), kinds: { staff: words('登录', 'sign-ins') } },
];

export interface SubmissionLine {
  readonly kind: string;
  readonly service: Words;
  readonly what: Words;
  readonly total: number;
  readonly today: number;
}

/** One line for each kind that has a name here, and for each other kind that was counted. */
export function submissionLines(submitted: readonly Submitted[], today: string): readonly SubmissionLine[] {
  const named = SERVICES.flatMap(({ service, kinds }) => Object.entries(kinds).map(([kind, what]) => ({ kind, service, what })));
  const known = new Set(named.map(({ kind }) => kind));
  const others = [...new Set(submitted.map(({ kind }) => kind))].filter((kind) => !known.has(kind));
  const unnamed = others.map((kind) => ({ kind, service: words('其他', 'Others'), what: words(kind, kind) }));
  return [...named, ...unnamed].map((line) => ({
    ...line,
    total: sum(submitted.filter(({ kind }) => kind === line.kind)),
    today: sum(submitted.filter(({ kind, day }) => kind === line.kind && day === today)),
  }));
}

const sum = (submitted: readonly Submitted[]): number => submitted.reduce((all, { count }) => all + count, 0);
