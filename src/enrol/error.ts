/** Why a box could not be enrolled or its certificate not renewed: a word, and words for whoever stands before it. */
import type { Words } from '../contracts.js';
import { ENROL_REFUSALS, type EnrolRefusal } from '../messages/enrol.js';

const words = (zh: string, en: string): Words => ({ zh, en });

/** The county's own refusals come with `county-` before them. */
export const ENROL_FAULTS = {
  'not-a-ticket': words('这不是终端登记码', 'This is not a ticket for enrolment'),
  'enrolled-already': words('本机已经登记', 'This box is enrolled already'),
  'ticket-expired': words('登记码已过期，请县平台重新开具', 'The ticket has expired; ask the county for a new one'),
  'test-root': words('正式模式拒绝测试县平台的登记码', 'Production mode refuses a ticket of a TEST county'),
  'not-the-county': words('登记服务器不是登记码所说的县平台', 'The server is not the county that the ticket names'),
  unreachable: words('连不上县平台，请检查网络后重新扫码', 'The county cannot be reached; check the network and scan again'),
  'answer-unreadable': words('县平台的答复不合规范', 'The answer of the county is not as it should be'),
  'answer-forged': words('答复不是由登记码所说的县平台签发', 'The answer was not made by the county that the ticket names'),
  'county-unreadable': words('县平台没有读懂登记请求', 'The county could not read the request'),
  'county-unknown': words('县平台没有开具过这个登记码', 'The county gave out no such ticket'),
  'county-expired': words('登记码已过期，请县平台重新开具', 'The ticket has expired; ask the county for a new one'),
  'county-used': words('登记码已被另一台设备用过', 'Another box has used this ticket'),
  'county-struck': words('这台终端已被注销', 'This terminal was struck off'),
  'county-forged': words('县平台不认可这台设备的签名', 'The county does not accept the signature of this box'),
  'county-fault': words('县平台一时不能办理，请稍后再试', 'The county cannot do it now; try again later'),
} as const satisfies Readonly<Record<string, Words>> & Readonly<Record<`county-${EnrolRefusal}`, Words>>;

export type EnrolFault = keyof typeof ENROL_FAULTS;

export class EnrolError extends Error {
  override readonly name = 'EnrolError';
  readonly code: EnrolFault;
  /** For people: what is wrong. */
  readonly words: Words;

  constructor(code: EnrolFault, detail?: string) {
    const said = ENROL_FAULTS[code];
    super(`${said.zh} · ${said.en}${detail === undefined ? '' : ` (${detail})`}`);
    this.code = code;
    this.words = said;
  }

  /** From `{"refusal": word}`. */
  static ofCounty(text: string): EnrolError {
    const word = ENROL_REFUSALS.find((one) => text === JSON.stringify({ refusal: one }));
    return new EnrolError(word ? `county-${word}` : 'answer-unreadable');
  }
}
