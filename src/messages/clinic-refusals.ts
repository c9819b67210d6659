/** Why a hospital would not do what somebody asked at a desk, in words for the person: what it is, and what to do next. Pure data. */
import type { Words } from '../contracts.js';

export interface ClinicRefusal {
  readonly what: Words;
  readonly next: Words;
}

const words = (zh: string, en: string): Words => ({ zh, en });
const WINDOW = words('请到人工窗口办理', 'Please go to the staffed window');

export const CLINIC_REFUSALS = {
  /** The hospital has no record of this person. */
  'no-record': {
    what: words('您在本院还没有建卡', 'You have no record at this hospital yet'),
    next: words('请先办理“门诊建卡”', 'Please choose “Outpatient card” first'),
  },
  /** It has several, and a person must say which is theirs. */
  'many-matches': { what: words('本院有几份与您相符的档案，需要人工核对', 'Several records fit you: staff must check'), next: WINDOW },
  /** The county does not know who this is. */
  'not-known': { what: words('没有查到您的身份信息', 'Your identity could not be found'), next: WINDOW },
  'slot-taken': {
    what: words('这个时段刚刚被别人约走了', 'Somebody else has just taken this time'),
    next: words('请另选时间', 'Please choose another time'),
  },
  /** Same department, same day. */
  'already-booked': {
    what: words('您当天已经挂了这个科室的号', 'You already have an appointment there on that day'),
    next: words('请直接办理“就诊报到”，或另选日期', 'Check in for it, or choose another day'),
  },
  'too-early': {
    what: words('还没到报到时间', 'It is too early to check in'),
    next: words('请在这个时间以后再来报到', 'Please come back from this time on'),
  },
  'too-late': {
    what: words('已过报到时间', 'It is too late to check in'),
    next: words('请到分诊台说明情况', 'Please speak to the nurse at the desk'),
  },
  /** Nothing of what was to be paid is unpaid. */
  'nothing-due': { what: words('没有需要缴的费用', 'There is nothing to pay'), next: words('不用再缴费', 'You need not pay again') },
  /** A payment for it is not settled yet: nobody may pay again. */
  'payment-in-doubt': {
    what: words('上一次付款还在核对，请不要再付', 'An earlier payment is being checked: do not pay again'),
    next: words('请带上单据到收费窗口', 'Please take your slip to the cashier’s window'),
  },
  'not-that-amount': {
    what: words('不能缴这个金额', 'This amount cannot be paid'),
    next: words('请另选金额', 'Please choose another amount'),
  },
  /** The doctor tells it, not a machine. */
  sensitive: {
    what: words('这份报告请由医生为您解读', 'Your doctor will explain this report to you'),
    next: words('请到诊室找医生', 'Please see your doctor'),
  },
  'printed-out': {
    what: words('这份报告已打印到规定次数', 'This report has been printed as often as is allowed'),
    next: words('如需再打印，请到人工窗口', 'For another copy, please go to the staffed window'),
  },
  unpaid: {
    what: words('这张处方还没有缴费', 'This prescription has not been paid for'),
    next: words('请先缴费再取药', 'Please pay first'),
  },
  dispensed: {
    what: words('这张处方的药已经发过了', 'This prescription has already been handed over'),
    next: words('请不要重复发药', 'Do not hand it over again'),
  },
  'no-order': {
    what: words('没有查到您的住院通知', 'There is no order to admit you'),
    next: words('请先请医生开住院证', 'Please ask your doctor for it'),
  },
  'no-bed': {
    what: words('病区暂时没有空床', 'The ward has no free bed at the moment'),
    next: words('请到住院处登记等候', 'Please go to the admissions office'),
  },
  'not-admitted': {
    what: words('您现在没有住院', 'You are not an inpatient'),
    next: words('如有疑问请到住院处', 'If that is wrong, please go to the admissions office'),
  },
  /** The consent changed while it was read. */
  'consent-changed': {
    what: words('知情同意书刚刚更新', 'The consent has just changed'),
    next: words('请重新阅读', 'Please read it again'),
  },
  /** It is not there, or not of this person. */
  unknown: { what: words('没有查到这一项', 'This could not be found'), next: WINDOW },
} as const satisfies Readonly<Record<string, ClinicRefusal>>;

export type ClinicReason = keyof typeof CLINIC_REFUSALS;
export const CLINIC_REASONS = Object.keys(CLINIC_REFUSALS) as [ClinicReason, ...ClinicReason[]];
