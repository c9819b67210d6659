/** Scene `checkpoint`: the place's own code for phones, and what this box counted today (OPS-01, OPS-02). Works without a network. */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Words } from '../contracts.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const SETTINGS = z.strictObject({
  title: z.string().min(1).max(40).describe('what phones call this place'),
  hours: z.int().min(1).max(24).default(12).describe('how long a code that is shown holds'),
});
type Settings = z.infer<typeof SETTINGS>;

const WORDS = {
  what: words('检查点', 'Checkpoint'),
  code: words('请用手机扫码登记', 'Scan this with your phone'),
  none: words('今天还没有核验记录', 'Nothing was verified today'),
  counts: words('今天的核验', 'Verified today'),
};

const HOUR = 3_600_000;

const CHOICES: readonly Choice[] = [
  { id: 'code', label: words('显示场所码', 'Show the code of this place') },
  { id: 'today', label: words('今日统计', 'Counts of today') },
];

async function visit(desk: Desk, { title, hours }: Settings): Promise<void> {
  if ((await desk.choose(WORDS.what, CHOICES)).id === 'code') {
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

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('场所码与统计', 'Code of this place'),
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
