/** Scene `checkpoint`: the place's own code for phones, shown or as a poster, and what this box counted today (OPS-01, OPS-02). Works without a network. */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { PRINT_WORDS, printedLine } from './_print.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const SETTINGS = z.strictObject({
  title: z.string().min(1).max(40).describe('what phones call this place'),
  hours: z.int().min(1).max(24).default(12).describe('how long a code that is shown holds'),
  posterDays: z.int().min(1).max(366).default(90).describe('how long a code on a poster holds'),
});
type Settings = z.infer<typeof SETTINGS>;

const WORDS = {
  what: words('检查点', 'Checkpoint'),
  code: words('请用手机扫码登记', 'Scan this with your phone'),
  none: words('今天还没有核验记录', 'Nothing was verified today'),
  counts: words('今天的核验', 'Verified today'),
  poster: words('场所码海报', 'The poster of this place'),
  register: words('请用手机扫码登记', 'Scan with your phone to register'),
  then: words('扫码后', 'After scanning'),
  follow: words('按手机提示登记，向工作人员出示', 'follow the page, and show it to staff'),
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const CHOICES: readonly Choice[] = [
  { id: 'code', label: words('显示场所码', 'Show the code of this place') },
  { id: 'poster', label: words('打印场所码海报', 'Print a poster of it') },
  { id: 'today', label: words('今日统计', 'Counts of today') },
];

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const { id } = await desk.choose(WORDS.what, CHOICES);
  if (id === 'poster') return poster(desk, settings);
  if (id === 'code') {
    const { title, hours } = settings;
    const { picture } = await desk.venueCode({ scene: 'checkpoint', title, until: desk.at.earliest + hours * HOUR });
    return desk.show(WORDS.code, [], picture);
  }
  const today = desk.today();
  if (today.length === 0) return desk.show(WORDS.none);
  await desk.show(
    WORDS.counts,
    today.map(({ scene, admitted, refused }) => ({
      label: words(scene, scene),
      value: words(`放行 ${admitted}，拒绝 ${refused}`, `${admitted} admitted, ${refused} refused`),
    })),
  );
}

/** An old poster ends by itself: its code says how long it holds, and so does the paper. */
async function poster(desk: Desk, { title, posterDays }: Settings): Promise<void> {
  const until = desk.at.earliest + posterDays * DAY;
  const { text, picture } = await desk.venueCode({ scene: 'checkpoint', title, until });
  const valid = { label: PRINT_WORDS.validUntil, value: localTime(until).day };
  const lines = [{ label: WORDS.then, value: WORDS.follow }, valid];
  const printed = await desk.print({ kind: 'poster', title: WORDS.register, heading: title, lines, code: text });
  await desk.show(WORDS.poster, [printedLine(PRINT_WORDS.poster, printed), valid], picture);
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('场所码与统计', 'Code of this place'),
  words: { ...WORDS, ...PRINT_WORDS },
  visit,
} satisfies DeskScene<Settings>;
