/** OPS-02 as a clerk plays it. */
import { answers, type Scripts } from './_script.js';

export default {
  data: {},
  settings: { title: '城关镇卫生院', hours: 12 },
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
      name: 'counts of a day on which nothing happened',
      steps: [
        { at: 'choose', deed: answers('today') },
        { at: 'show', deed: answers(null), reads: /还没有核验记录/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
