/** The hospital as a conversation asks it, about whoever stands there; what stands in the way is said on the page, with what to do next. */
import type { Desk, Line, Presented, Words } from '../../contracts.js';
import { CLINIC, CLINIC_REFUSED, type ClinicAnswer, type ClinicAsked, type ClinicRefused, type ClinicWord } from '../../messages/clinic.js';
import { CLINIC_REFUSALS } from '../../messages/clinic-refusals.js';
import { COMMON, words } from './_words.js';

export const AWAY = {
  away: words('现在联系不上医院系统', 'The hospital cannot be reached at the moment'),
  unsure: words('没有收到医院的答复，不知道是否已办好', 'The hospital did not answer: it may or may not be done'),
  'not-here': words('本机不能办理这项业务', 'This cannot be done at this terminal'),
  window: words('请到人工窗口办理，或稍后再来', 'Please go to the staffed window, or come back later'),
  again: words(
    '可以稍后在本机再办一次，不会重复；急用请到人工窗口',
    'Do it again here later, it is never done twice; or go to the staffed window',
  ),
  at: words('时间', 'Time'),
  where: words('地点', 'Where'),
  number: words('编号', 'Number'),
} as const;

/** What changes something there: without an answer nobody knows whether it was done. */
const EFFECTS: readonly ClinicWord[] = ['card-open', 'register', 'check-in', 'admit', 'hand-over'];

export type Obstacle =
  | { readonly said: 'refused'; readonly why: ClinicRefused }
  /** `unsure`: it may have been done. `not-here`: this terminal may not ask that. */
  | { readonly said: 'away' | 'unsure' | 'not-here' };
export type Heard<W extends ClinicWord> = { readonly said: 'ok'; readonly answer: ClinicAnswer<W> } | Obstacle;

export interface Hospital {
  readonly patient: Presented;
  hear<W extends ClinicWord>(word: W, body: ClinicAsked<W>): Promise<Heard<W>>;
  /** undefined: it could not be, and the person was told why. */
  ask<W extends ClinicWord>(word: W, body: ClinicAsked<W>): Promise<ClinicAnswer<W> | undefined>;
  tell(obstacle: Obstacle): Promise<void>;
}

/** Begins every conversation: any code or card of the person. */
export async function patientAt(desk: Desk, ask: Words = COMMON.who): Promise<Hospital> {
  const patient = await desk.identify(ask, ['person']);
  const tell: Hospital['tell'] = (obstacle) => {
    const { say, lines } = pageOf(obstacle);
    return desk.show(say, lines);
  };
  const hear = async <W extends ClinicWord>(word: W, body: ClinicAsked<W>): Promise<Heard<W>> => {
    const answer = await desk.ask(`clinic/${word}`, body, patient);
    if (answer?.status === 'refused') return refused(answer.body);
    const parsed = answer?.status === 'ok' ? CLINIC[word].answer.safeParse(answer.body) : undefined;
    if (parsed?.success) return { said: 'ok', answer: parsed.data as ClinicAnswer<W> };
    return { said: EFFECTS.includes(word) ? 'unsure' : 'away' };
  };
  return {
    patient,
    hear,
    tell,
    async ask(word, body) {
      const heard = await hear(word, body);
      if (heard.said === 'ok') return heard.answer;
      await tell(heard);
      return undefined;
    },
  };
}

/** A refusal without a reason is the county's own: this terminal was not granted it. */
function refused(body: unknown): Obstacle {
  const why = CLINIC_REFUSED.safeParse(body).data;
  return why ? { said: 'refused', why } : { said: 'not-here' };
}

const line = (label: Words, value: string | Words | undefined): readonly Line[] => (value === undefined ? [] : [{ label, value }]);

function pageOf(obstacle: Obstacle): { readonly say: Words; readonly lines: readonly Line[] } {
  if (obstacle.said !== 'refused') {
    const next = obstacle.said === 'unsure' ? AWAY.again : AWAY.window;
    return { say: AWAY[obstacle.said], lines: line(COMMON.next, next) };
  }
  const { reason, at, where, number } = obstacle.why;
  const { what, next } = CLINIC_REFUSALS[reason];
  return {
    say: what,
    lines: [...line(AWAY.at, at), ...line(AWAY.where, where), ...line(AWAY.number, number), ...line(COMMON.next, next)],
  };
}
