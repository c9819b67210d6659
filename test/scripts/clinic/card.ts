/** MED-02 as people play it. */
import { DEMO_SURVEY } from '../../../src/cli/_demo-data.js';
import type { Scripts } from '../_script.js';
import { type Answered, chooses, confirms, IDENTIFIED, ok, read, refused, UNGRANTED, unheard } from './_answers.js';

const PERSON: Answered = {
  status: 'ok',
  body: { name: '张小山', sex: '男', birth: '1962-03-14', idNumber: '341525196203140011', phone: '13800001234' },
};
const NO_RECORD = refused('no-record');
const MASKED = /张\*山.*1962-\*\*-\*\*.*3415\*{12}11.*138\*{4}1234/s;

export default {
  data: {},
  settings: { hospital: '霍山县医院' },
  scripts: [
    {
      name: 'a record is made of what the county knows, shown masked; the slip has the card number',
      answers: [NO_RECORD, PERSON, ok('card-open', { card: 'MZ-000123', existed: false })],
      asks: [
        /^clinic\/card \{\} of them$/,
        /^identity\/release \{.*"fields":\["name","sex","birth","idNumber","phone"\].*"scene":"clinic\/card"\} of them$|^identity\/release .*clinic\/card/,
        /^clinic\/card-open \{\} of them$/,
      ],
      steps: [IDENTIFIED, confirms(true, MASKED), read(/建卡成功.*张\*山.*MZ-000123.*挂号.*已打印/s)],
      prints: [/霍山县医院.*建卡成功|建卡成功.*霍山县医院.*张\*山.*MZ-000123/s],
      leaves: [],
    },
    {
      name: 'somebody with a record need do nothing',
      answers: [ok('card', { card: 'MZ-000007' })],
      steps: [IDENTIFIED, read(/不用再办.*MZ-000007/)],
      leaves: [],
    },
    {
      name: 'somebody else made the record meanwhile: it is the same one',
      answers: [NO_RECORD, PERSON, ok('card-open', { card: 'MZ-000009', existed: true })],
      steps: [IDENTIFIED, confirms(true), read(/原来就有档案.*MZ-000009/)],
      prints: [/MZ-000009/],
      leaves: [],
    },
    {
      name: 'without a printer the card number stands on the page',
      answers: [NO_RECORD, PERSON, ok('card-open', { card: 'MZ-000124', existed: false })],
      printer: 'no-printer',
      steps: [IDENTIFIED, confirms(true), read(/MZ-000124.*本机不打印/)],
      prints: [/MZ-000124/],
      leaves: [],
    },
    {
      name: 'what is wrong is not confirmed, and no record is made',
      answers: [NO_RECORD, PERSON],
      steps: [IDENTIFIED, confirms(false), read(/没有建卡.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'little is known of them: what is not known is a dash, and nothing is made up',
      answers: [NO_RECORD, { status: 'ok', body: { name: '李三' } }, ok('card-open', { card: 'MZ-000125', existed: false })],
      steps: [IDENTIFIED, confirms(true, /李\*.*–.*–/s), read(/李\*/)],
      prints: [/李\*/],
      leaves: [],
    },
    {
      name: 'several records fit when it is made',
      answers: [NO_RECORD, PERSON, refused('many-matches')],
      steps: [IDENTIFIED, confirms(true), read(/人工核对.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'the county does not know this person',
      answers: [NO_RECORD, { status: 'unknown', body: null }],
      steps: [IDENTIFIED, read(/没有查到您的身份信息.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'the hospital’s service does not know this person either',
      answers: [NO_RECORD, PERSON, refused('not-known')],
      steps: [IDENTIFIED, confirms(true), read(/没有查到您的身份信息.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'this terminal was not granted the identity',
      answers: [NO_RECORD, UNGRANTED],
      steps: [IDENTIFIED, read(/未获准.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'no answer to whether it was made: doing it again is safe, and that is said',
      answers: [NO_RECORD, PERSON, 'silent'],
      steps: [IDENTIFIED, confirms(true), read(/不知道是否已办好.*不会重复.*人工窗口/)],
      leaves: [],
    },
    {
      name: 'afterwards they are asked how it was, and nobody knows who said it',
      data: { survey: DEMO_SURVEY },
      answers: [NO_RECORD, PERSON, ok('card-open', { card: 'MZ-000126', existed: false })],
      steps: [
        IDENTIFIED,
        confirms(true),
        read(/MZ-000126/),
        chooses('yes', /评价/),
        chooses('5'),
        chooses('4'),
        chooses('3'),
        read(/谢谢/),
      ],
      prints: [/MZ-000126/],
      leaves: [{ kind: 'survey-answer', facts: { version: 1, answers: { service: '5', waiting: '4', terminal: '3' } }, personal: null }],
    },
    {
      name: 'they need not say how it was',
      data: { survey: DEMO_SURVEY },
      answers: [NO_RECORD, PERSON, ok('card-open', { card: 'MZ-000127', existed: false })],
      steps: [IDENTIFIED, confirms(true), read(/MZ-000127/), chooses('no')],
      prints: [/MZ-000127/],
      leaves: [],
    },
    ...unheard(),
  ],
} satisfies Scripts;
