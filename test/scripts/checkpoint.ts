/** OPS-02 as a visitor and a clerk play it. */
import { answers, type Scripts, type Step, shows } from './_script.js';
import { STAFF, STAFF_PIN, showsStaffCode } from './_staff.js';

const signIn: readonly Step[] = [
  { at: 'identify', deed: showsStaffCode() },
  { at: 'fill', deed: answers({ pin: STAFF_PIN }) },
];

export default {
  data: { staff: STAFF },
  asksDataLater: true,
  settings: { title: '城关镇卫生院', hours: 12, posterDays: 180 },
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
      name: 'the code of the place on paper',
      steps: [{ at: 'choose', deed: answers('poster') }, ...signIn, { at: 'show', deed: answers(null), reads: /场所码已打印/ }],
      prints: [/poster.*城关镇卫生院.*HTTPS:/s],
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
