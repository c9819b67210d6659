/** The county's questionnaire, asked one question at a time (MED-11). Anonymous by construction: nobody is named, and nothing is sealed. */
import type { Desk, Words } from '../contracts.js';
import type { Survey } from '../messages/questions.js';

export const THANKS: Words = { zh: '谢谢您的评价', en: 'Thank you' };

export async function askSurvey(desk: Desk, { version, questions }: Survey): Promise<void> {
  const answers: Record<string, string> = {};
  for (const { id, ask, choices } of questions) answers[id] = (await desk.choose(ask, choices)).id;
  await desk.submit({ kind: 'survey-answer', facts: { version, answers } });
  await desk.show(THANKS);
}
