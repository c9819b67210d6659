/** OPS-02 as a visitor and a clerk play it. */
import { answers, type Scripts, type Step, shows } from './_script.js';
import { STAFF, STAFF_PIN, showsStaffCode } from './_staff.js';

const signIn: readonly Step[] = [
  { at: 'identify', deed: showsStaffCode() },
  { at: 'fill', deed: answers({ pin: STAFF_PIN }) },
];

export default {
  data: { staff: STAFF },
  partly: true,
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
        ...signIn,
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
        ...signIn,
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
    {
      name: 'the report of the week by outcome: the clerk’s own sign-in is in it',
      steps: [
        { at: 'choose', deed: answers('report') },
        ...signIn,
        { at: 'choose', deed: answers('7') },
        { at: 'choose', deed: answers('refusal') },
        { at: 'show', deed: answers(null), reads: /核验统计.*放行.*"1"/s },
      ],
      leaves: [],
    },
    {
      name: 'the report on a page of its own',
      steps: [
        { at: 'choose', deed: answers('report') },
        ...signIn,
        { at: 'choose', deed: answers('page') },
        { at: 'show', deed: answers(null), reads: /CSV.*\/organiser/s },
      ],
      leaves: [],
    },
    {
      name: 'a visitor sees no report',
      steps: [
        { at: 'choose', deed: answers('report') },
        { at: 'identify', deed: shows('code') },
        { at: 'show', deed: answers(null), reads: /不在本岗位/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
