/** What a hospital answers in the scripts. Synthetic. */
import type { Json } from '../../../src/contracts.js';
import { CLINIC, CLINIC_REFUSED, type ClinicAnswer, type ClinicRefused, type ClinicWord } from '../../../src/messages/clinic.js';
import { answers, type Script, type Step, shows } from '../_script.js';

export type Answered = NonNullable<Script['answers']>[number];

export const words = (zh: string, en: string) => ({ zh, en });
export const both = (text: string) => words(text, text);

/** As the contract has it, or the script itself is wrong. */
export const ok = <W extends ClinicWord>(word: W, body: ClinicAnswer<W>): Answered => ({
  status: 'ok',
  body: CLINIC[word].answer.parse(body) as Json,
});
export const refused = (reason: ClinicRefused['reason'], more: Omit<ClinicRefused, 'reason'> = {}): Answered => ({
  status: 'refused',
  body: CLINIC_REFUSED.parse({ reason, ...more }) as Json,
});
/** The county itself says no: not granted. */
export const UNGRANTED: Answered = { status: 'refused', body: null };
export const NONSENSE: Answered = { status: 'ok', body: { made: 'up' } };

export const IDENTIFIED: Step = { at: 'identify', deed: shows('code'), reads: /出示.*就诊卡/ };
export const read = (reads: RegExp): Step => ({ at: 'show', deed: answers(null), reads });
export const chooses = (id: string, reads?: RegExp): Step => ({ at: 'choose', deed: answers(id), ...(reads && { reads }) });
export const confirms = (yes: boolean, reads?: RegExp): Step => ({ at: 'confirm', deed: answers(yes), ...(reads && { reads }) });

/** What stands in the way of every conversation at its first question, and what the person reads then. */
export function obstacles(): readonly Script[] {
  return [
    {
      name: 'the hospital has no record of this person: they are sent to have one made',
      answers: [refused('no-record')],
      steps: [IDENTIFIED, read(/还没有建卡.*门诊建卡/)],
      leaves: [],
    },
    {
      name: 'the social security card is as good as the code',
      answers: [refused('many-matches')],
      asks: [/^clinic\/[a-z]+ \{\} of them$/],
      steps: [{ at: 'identify', deed: shows('card') }, read(/人工窗口/)],
      leaves: [],
    },
    {
      name: 'several records fit: a person must look',
      answers: [refused('many-matches')],
      steps: [IDENTIFIED, read(/人工核对.*人工窗口/)],
      leaves: [],
    },
    ...unheard(),
  ];
}

/** The same where nobody has a record yet. */
export function unheard(): readonly Script[] {
  return [
    { name: 'no line at all: the window is offered', steps: [IDENTIFIED, read(/联系不上医院系统.*人工窗口/)], leaves: [] },
    {
      name: 'no answer in time: the window is offered',
      answers: ['silent'],
      steps: [IDENTIFIED, read(/联系不上医院系统.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'an answer that makes no sense counts as none',
      answers: [NONSENSE],
      steps: [IDENTIFIED, read(/联系不上医院系统.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'this terminal was not granted it: the window is offered',
      answers: [UNGRANTED],
      steps: [IDENTIFIED, read(/本机不能办理.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'an expired code first, then a good one',
      answers: [refused('many-matches')],
      steps: [
        { at: 'identify', deed: shows('expired') },
        { at: 'identify', deed: shows('code'), reads: /这个码已经过期/ },
        read(/人工窗口/),
      ],
      leaves: [],
    },
  ];
}
