/** What ends every conversation of a hospital: the slip in the hand, what it says on the page as well, and the question how it was. */
import type { Desk, Line, Paper, SlipLine, Words } from '../../contracts.js';
import { parseSurvey } from '../../messages/questions.js';
import { PRINT_WORDS, printedLine } from '../_print.js';
import { askSurvey, THANKS } from '../_questions.js';
import { type Settings, words } from './_words.js';

export const AFTER = {
  ...PRINT_WORDS,
  rate: words('请您评价一下，只需几次点击', 'How was it? A few touches will do'),
  yes: words('现在评价', 'Rate it'),
  no: words('不用了', 'No, thank you'),
  thanks: THANKS,
} as const;

export function slipOf(title: Words, { hospital }: Settings, lines: readonly SlipLine[]): Paper {
  const heading: readonly SlipLine[] = hospital === undefined ? [] : [{ words: hospital }, { rule: true }];
  return { kind: 'slip', title, lines: [...heading, ...lines] };
}

export interface Ended {
  readonly say: Words;
  readonly lines: readonly Line[];
  /** Stands on the slip only. */
  readonly more?: readonly SlipLine[];
}

/** Prints it and shows it: a slip that did not come is no loss. */
export async function handOut(desk: Desk, settings: Settings, { say, lines, more = [] }: Ended): Promise<void> {
  const printed = await desk.print(slipOf(say, settings, [...lines, ...more]));
  await desk.show(say, [...lines, printedLine(AFTER.slip, printed)]);
}

/** Offered where the county asks something at all. */
export async function offerSurvey(desk: Desk): Promise<void> {
  const survey = parseSurvey(desk.data('survey'));
  if (!survey) return;
  const { id } = await desk.choose(AFTER.rate, [
    { id: 'yes', label: AFTER.yes },
    { id: 'no', label: AFTER.no },
  ]);
  if (id === 'yes') await askSurvey(desk, survey);
}
