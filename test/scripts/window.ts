/** MED-13 as a window plays it. */
import { answers, type Scripts, shows } from './_script.js';

const PERSON = { name: '测试居民七', sex: '男', birth: '1980-02-03', idNumber: '999999198002030073', health: '无特殊记录（演示）' };
const refused = (status: 'refused' | 'unknown') => [{ status, body: null }] as const;
const CARRIER = { carrier: 'ak1', form: 'screen', colour: 'green' };

export default {
  data: {},
  settings: { purpose: 'registration', fields: ['name', 'sex', 'birth', 'idNumber', 'health'] },
  scripts: [
    {
      name: 'what was released reaches the workstation; the page shows no more than is needed to see that it is the right one',
      answers: [{ status: 'ok', body: PERSON }],
      steps: [
        { at: 'identify', deed: shows('code') },
        { at: 'show', deed: answers(null), reads: /已送到窗口.*测\*\*\*七/s },
      ],
      hands: [{ ...CARRIER, ...PERSON }],
      leaves: [{ kind: 'window', facts: { way: 'released', taken: true }, personal: {} }],
    },
    {
      name: 'without the network the window has the carrier only, and it is said so',
      steps: [
        { at: 'identify', deed: shows('card') },
        { at: 'show', deed: answers(null), reads: /只收到卡的标识/ },
      ],
      hands: [{ carrier: 'social-security-card', form: 'card', colour: 'unknown' }],
      leaves: [{ kind: 'window', facts: { way: 'carrier-only', fields: [], taken: true }, personal: {} }],
    },
    {
      name: 'a computer that does not take it is told, and it is written down',
      answers: [{ status: 'ok', body: PERSON }],
      steps: [
        { at: 'identify', deed: shows('code') },
        { at: 'show', deed: answers(null), reads: /没有收到/ },
      ],
      hands: [false, { ...CARRIER, ...PERSON }],
      leaves: [{ kind: 'window', facts: { taken: false }, personal: {} }],
    },
    {
      name: 'a window that was given no such fields hands over nothing',
      answers: refused('refused'),
      steps: [
        { at: 'identify', deed: shows('code') },
        { at: 'show', deed: answers(null), reads: /未获许可/ },
      ],
      leaves: [],
    },
    {
      name: 'somebody the county does not know',
      answers: refused('unknown'),
      steps: [
        { at: 'identify', deed: shows('code') },
        { at: 'show', deed: answers(null), reads: /没有查到/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
