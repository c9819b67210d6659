/** MED-11 as people play it. */
import { DEMO_SURVEY } from '../../src/cli/_demo-data.js';
import { answers, type Scripts } from './_script.js';

export default {
  data: { survey: DEMO_SURVEY },
  settings: {},
  scripts: [
    {
      name: 'three questions, answered by a touch each',
      steps: [
        { at: 'choose', deed: answers('5'), reads: /服务您满意吗/ },
        { at: 'choose', deed: answers('1'), reads: /等候时间/ },
        { at: 'choose', deed: answers('3'), reads: /好用吗/ },
        { at: 'show', deed: answers(null), reads: /谢谢/ },
      ],
      leaves: [{ kind: 'survey-answer', facts: { version: 1, answers: { service: '5', waiting: '1', terminal: '3' } }, personal: null }],
    },
  ],
} satisfies Scripts;
