/** Refusals in words (wire.md 2): for the visitor, for the clerk, and what to do next; never what colour or illness. Pure. */
import { REFUSALS, type Refusal, type Words } from '../contracts.js';

export interface RefusalWords {
  readonly visitor: Words;
  readonly clerk: Words;
  readonly next: Words;
}

/** 101 and up, in the order of wire.md 2. */
export function numberOf(refusal: Refusal): number {
  return 101 + REFUSALS.indexOf(refusal);
}

const words = (zh: string, en: string): Words => ({ zh, en });
const SHOW_AGAIN = words('请刷新后重新出示', 'Refresh it and show it again');
const ASK_STAFF = words('请联系工作人员', 'Please ask a member of staff');

export const REFUSAL_WORDS: Readonly<Record<Refusal, RefusalWords>> = {
  unreadable: {
    visitor: words('没有读清楚', 'The code could not be read'),
    clerk: words('内容残缺或不合规范', 'Bytes are cut short or not as the format says'),
    next: words('请调亮屏幕、对准扫码口再试一次', 'Brighten the screen, hold it to the reader and try again'),
  },
  'unknown-format': {
    visitor: words('这不是可以在这里使用的码', 'This is not a code that can be used here'),
    clerk: words('没有一种格式认识这个码', 'No format recognises this code'),
    next: words('请打开安康码', 'Please open your Ankang code'),
  },
  'unknown-issuer': {
    visitor: words('这个码的签发单位不在本机名单上', 'The issuer of this code is not known here'),
    clerk: words(
      '密钥编号不在信任清单中；若刚轮换密钥，请检查清单更新',
      'Key id not in the trust list; after a rotation, check that the list arrived',
    ),
    next: SHOW_AGAIN,
  },
  forged: {
    visitor: words('这个码没有通过验证', 'This code did not pass verification'),
    clerk: words('签名不成立，或签名密钥无权签发', 'The signature does not hold, or its key may not sign this'),
    next: ASK_STAFF,
  },
  'trust-stale': {
    visitor: words('本机资料过期，暂时不能验码', 'This terminal’s data is out of date'),
    clerk: words(
      '信任清单或名单超过本场景允许的时限，请恢复网络',
      'Trust or status lists are older than this scene allows; restore the network',
    ),
    next: ASK_STAFF,
  },
  'not-for-here': {
    visitor: words('这个码不能在这里使用', 'This code is not for use here'),
    clerk: words('码的种类与场景不符（例如付款码）', 'A kind of code that this scene does not take, for example a payment code'),
    next: words('请打开安康码', 'Please open your Ankang code'),
  },
  'not-yet-valid': {
    visitor: words('这个码还没有生效', 'This code is not valid yet'),
    clerk: words('生效时间在未来；请核对手机与本机的时间', 'Starts in the future; compare the clocks of phone and terminal'),
    next: words('请核对手机时间后重新出示', 'Check the time on your phone and show it again'),
  },
  expired: {
    visitor: words('这个码已经过期', 'This code has expired'),
    clerk: words('超过有效期，或签发密钥已到期', 'Past its end, or past the end of its key'),
    next: SHOW_AGAIN,
  },
  'clock-uncertain': {
    visitor: words('本机时间尚未校准', 'This terminal is not sure of the time'),
    clerk: words('时钟区间内既可能有效也可能无效；请校时', 'Valid for a part of what the clock allows; set the time'),
    next: ASK_STAFF,
  },
  revoked: {
    visitor: words('这个码已经停用', 'This code has been withdrawn'),
    clerk: words('在停用名单上', 'On a revocation list'),
    next: words('请重新申领，或联系工作人员', 'Apply for a new one, or ask a member of staff'),
  },
  'needs-network': {
    visitor: words('需要联网才能核验这个码', 'This code can only be checked online'),
    clerk: words('不含签名的码，须由平台核验', 'A code without a signature; only the platform can check it'),
    next: words('请出示可离线核验的安康码或刷卡', 'Show an Ankang code that works offline, or use your card'),
  },
  colour: {
    visitor: words('请到旁边的服务台', 'Please go to the desk beside the gate'),
    clerk: words('状态名单或码不符合本场景要求', 'Status list or code does not meet this scene’s rule'),
    next: ASK_STAFF,
  },
  'already-used': {
    visitor: words('这个码刚才已经用过', 'This code has just been used'),
    clerk: words('重复出示，或人已在内', 'Shown a second time, or the person is already inside'),
    next: SHOW_AGAIN,
  },
  'not-entitled': {
    visitor: words('您不在允许的名单或时段内', 'You are not on the list, or not at this hour'),
    clerk: words('资格、时段或接送关系不符', 'List, opening hours or pick-up relation does not allow it'),
    next: ASK_STAFF,
  },
  occupied: {
    visitor: words('里面人数已满，请稍候', 'It is full inside, please wait'),
    clerk: words('达到人数上限', 'The limit of people inside is reached'),
    next: words('请稍候再试', 'Please try again in a moment'),
  },
  'out-of-order': {
    visitor: words('本机暂停使用', 'This terminal is out of order'),
    clerk: words('见本机编号与故障编号', 'See the terminal id and fault number'),
    next: ASK_STAFF,
  },
};
