/** MEET-01 to MEET-03 as an organiser and people at the door play them. */
import { answers, type Scripts, type Step, shows } from './_script.js';
import { STAFF, STAFF_PIN, showsStaffCode } from './_staff.js';

const signIn: readonly Step[] = [
  { at: 'identify', deed: showsStaffCode(), reads: /工作人员请出示/ },
  { at: 'fill', deed: answers({ pin: STAFF_PIN }), reads: /"hidden":true/ },
];
const WHAT = { title: '春耕动员会', place: '城关镇礼堂' };
const WHEN = { day: '2026-11-22', from: '1230', until: '14:30' };
const made: readonly Step[] = [
  ...signIn,
  { at: 'choose', deed: answers('new'), reads: /新建活动/ },
  { at: 'fill', deed: answers(WHAT) },
  { at: 'fill', deed: answers(WHEN) },
  { at: 'choose', deed: answers('everyone') },
  { at: 'confirm', deed: answers(true), reads: /春耕动员会.*城关镇礼堂.*2026-11-22 12:30–14:30.*所有人/s },
  { at: 'show', deed: answers(null), reads: /活动码.*data:image/s },
];
const EVENT = { kind: 'meeting-event', facts: { title: '春耕动员会', place: '城关镇礼堂', who: 'everyone' }, personal: {} };

export default {
  data: { staff: STAFF },
  settings: { keepDays: 7 },
  scripts: [
    {
      name: 'an event is made, corrected on the way, its code shown, its poster printed, and closed',
      steps: [
        ...signIn,
        { at: 'choose', deed: answers('new') },
        { at: 'fill', deed: answers(WHAT) },
        { at: 'fill', deed: answers({ ...WHEN, from: '25:00' }) },
        { at: 'fill', deed: answers({ ...WHEN, day: '2026-11-21' }), reads: /如 0930/ },
        { at: 'fill', deed: answers(WHEN), reads: /已经过去/ },
        { at: 'choose', deed: answers('list') },
        { at: 'confirm', deed: answers(false) },
        ...made.slice(3),
        { at: 'choose', deed: answers('code') },
        { at: 'show', deed: answers(null), reads: /data:image/ },
        { at: 'choose', deed: answers('poster') },
        { at: 'show', deed: answers(null), reads: /海报已打印/ },
        { at: 'choose', deed: answers('page') },
        { at: 'show', deed: answers(null), reads: /\/organiser.*0000 0000/s },
        { at: 'choose', deed: answers('close') },
        { at: 'confirm', deed: answers(false), reads: /0 \/ 0/ },
        { at: 'choose', deed: answers('close') },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null), reads: /活动已结束/ },
      ],
      prints: [/poster.*春耕动员会.*城关镇礼堂.*HTTPS:/s],
      leaves: [EVENT, { kind: 'meeting-closed', facts: { by: 'organiser', came: 0, present: 0 }, personal: {} }],
    },
    {
      name: 'a wrong PIN is told, and the right one may follow; nothing is begun',
      steps: [
        { at: 'identify', deed: showsStaffCode() },
        { at: 'fill', deed: answers({ pin: '12' }) },
        { at: 'fill', deed: answers({ pin: '9999' }), reads: /4–8 位数字/ },
        { at: 'fill', deed: answers({ pin: STAFF_PIN }), reads: /PIN 不对/ },
        { at: 'choose', deed: answers('new') },
        { at: 'fill', deed: answers(WHAT) },
        { at: 'fill', deed: answers(WHEN) },
        { at: 'choose', deed: answers('everyone') },
        { at: 'confirm', deed: answers(true) },
        { at: 'show', deed: answers(null) },
        { at: 'choose', deed: answers('done') },
      ],
      leaves: [EVENT],
    },
    {
      name: 'five wrong PINs, and the door is shut until a time that is said',
      steps: [
        { at: 'identify', deed: showsStaffCode() },
        ...['9999', '9998', '9997', '9996', '9995'].map((pin): Step => ({ at: 'fill', deed: answers({ pin }) })),
        { at: 'show', deed: answers(null), reads: /已锁定.*2026-11-22 12:15/s },
      ],
      leaves: [],
    },
    {
      name: 'somebody who is not of the staff is told so',
      steps: [
        { at: 'identify', deed: shows('code') },
        { at: 'show', deed: answers(null), reads: /不在本岗位的工作人员名单上/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
