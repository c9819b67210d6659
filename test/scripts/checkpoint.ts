/** OPS-02 as a clerk plays it. */
import { answers, type Scripts } from './_script.js';

export default {
  data: {},
  settings: { title: '城关镇卫生院', hours: 12, posterDays: 90 },
  scripts: [
    {
      name: 'the code of the place',
      steps: [
        { at: 'choose', deed: answers('code') },
        { at: 'show', deed: answers(null), reads: /请用手机扫码登记.*data:image/s },
      ],
      leaves: [],
    },
    {
      name: 'the code of the place as a poster that says how long it holds',
      steps: [
        { at: 'choose', deed: answers('poster') },
        { at: 'show', deed: answers(null), reads: /已打印，请取走.*有效期至.*data:image/s },
      ],
      prints: [/"poster".*请用手机扫码登记.*"heading":"城关镇卫生院".*有效期至.*\d{4}-\d\d-\d\d.*HTTPS:\/\/AK/s],
      leaves: [],
    },
    {
      name: 'the printer stands open: the page says so, and shows the code all the same',
      printer: 'cover-open',
      steps: [
        { at: 'choose', deed: answers('poster') },
        { at: 'show', deed: answers(null), reads: /打印机的盖开着.*data:image/s },
      ],
      leaves: [],
    },
    {
      name: 'counts of a day on which nothing happened',
      steps: [
        { at: 'choose', deed: answers('today') },
        { at: 'show', deed: answers(null), reads: /还没有核验记录/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
