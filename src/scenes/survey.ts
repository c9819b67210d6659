/** Scene `survey`: how was it (MED-11)? Anonymous by construction: nobody is asked for a code, and nothing is sealed. */
import { z } from 'zod';
import type { Desk, DeskScene, Words } from '../contracts.js';
import { parseSurvey } from '../messages/questions.js';
import { askSurvey, THANKS } from './_questions.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  none: words('现在没有需要回答的问题', 'There are no questions at the moment'),
  thanks: THANKS,
};

async function visit(desk: Desk): Promise<void> {
  const survey = parseSurvey(desk.data('survey'));
  if (!survey) return desk.show(WORDS.none);
  await askSurvey(desk, survey);
}

export default {
  accepts: ['person'],
  settings: z.strictObject({}),
  title: words('满意度评价', 'How was it?'),
  words: WORDS,
  visit,
} satisfies DeskScene<Record<string, never>>;
