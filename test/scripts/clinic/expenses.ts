/** MED-10 as people play it. */
import type { Expenses } from '../../../src/messages/clinic.js';
import type { Scripts } from '../_script.js';
import { chooses, IDENTIFIED, obstacles, ok, read, refused, words } from './_answers.js';

const LIST: Expenses = {
  stay: 'ZY-55',
  ward: words('内科一病区', 'Medical ward 1'),
  from: '2026-11-23',
  days: [
    { day: '2026-11-23', total: 10_001 },
    { day: '2026-11-24', total: 7_030 },
  ],
  categories: [
    { category: 'bed', total: 8_000 },
    { category: 'medicine', total: 9_031 },
  ],
  total: 17_031,
  billed: 17_031,
};
const ALL = ok('expenses', LIST);
const DAY = ok('expense-day', {
  day: '2026-11-24',
  lines: [
    { category: 'bed', what: words('普通床位', 'Bed'), count: 1, amount: 4_000 },
    { category: 'medicine', what: words('布洛芬胶囊', 'Ibuprofen'), count: 2, amount: 3_030 },
  ],
  total: 7_030,
});
const TOTAL = /费用合计 ¥170\.31/;
const UNEQUAL = read(/清单正在核对.*稍后再来/);
const wrong = (name: string, list: Partial<Expenses>) => ({
  name,
  answers: [ok('expenses', { ...LIST, ...list })],
  steps: [IDENTIFIED, UNEQUAL],
  leaves: [],
});
const finished = chooses('finished');

export default {
  data: {},
  settings: { hospital: '霍山县医院' },
  scripts: [
    {
      name: 'a day, line by line, and printed',
      answers: [ALL, DAY],
      asks: [/^clinic\/expenses \{\} of them$/, /^clinic\/expense-day \{"day":"2026-11-24"\} of them$/],
      steps: [
        IDENTIFIED,
        chooses('days', TOTAL),
        chooses('2026-11-24', /11月23日 周一.*¥100\.01.*11月24日 周二.*¥70\.30/),
        read(/床位费.*普通床位 × 1　¥40\.00.*药费.*布洛芬胶囊 × 2　¥30\.30.*合计.*¥70\.30/s),
        chooses('print'),
        read(/¥70\.30.*已打印/s),
        finished,
      ],
      prints: [/霍山县医院.*普通床位.*¥70\.30/s],
      leaves: [],
    },
    {
      name: 'by category, and back from the days',
      answers: [ALL],
      steps: [
        IDENTIFIED,
        chooses('categories', TOTAL),
        read(/床位费.*¥80\.00.*药费.*¥90\.31.*合计.*¥170\.31/s),
        chooses('days'),
        chooses('back'),
        finished,
      ],
      leaves: [],
    },
    {
      name: 'the summary on paper has days, categories and the same total',
      answers: [ALL],
      steps: [IDENTIFIED, chooses('print'), read(/ZY-55.*¥170\.31.*已打印/s), finished],
      prints: [/ZY-55.*11月23日.*¥100\.01.*床位费.*¥80\.00.*合计.*¥170\.31/s],
      leaves: [],
    },
    {
      name: 'without paper it stands on the page, and a day need not be printed',
      answers: [ALL, DAY],
      printer: 'cover-open',
      steps: [
        IDENTIFIED,
        chooses('print'),
        read(/盖开着/),
        chooses('days'),
        chooses('2026-11-24'),
        read(/¥70\.30/),
        chooses('back'),
        finished,
      ],
      prints: [/ZY-55/],
      leaves: [],
    },
    wrong('a fen is missing in the days: nothing is shown', { days: [{ day: '2026-11-23', total: 17_030 }] }),
    wrong('a fen is missing in the categories: nothing is shown', { categories: [{ category: 'bed', total: 17_030 }] }),
    wrong('the hospital billed a fen more: nothing is shown', { billed: 17_032 }),
    {
      name: 'a day whose lines are not its total is not shown',
      answers: [ALL, ok('expense-day', { day: '2026-11-24', lines: [], total: 7_030 })],
      steps: [IDENTIFIED, chooses('days'), chooses('2026-11-24'), UNEQUAL, finished],
      leaves: [],
    },
    {
      name: 'a day that cannot be asked for',
      answers: [ALL, 'silent'],
      steps: [IDENTIFIED, chooses('days'), chooses('2026-11-24'), read(/联系不上医院系统/), finished],
      leaves: [],
    },
    {
      name: 'who is no inpatient has no list',
      answers: [refused('not-admitted')],
      steps: [IDENTIFIED, read(/现在没有住院/)],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
