/** Every state that the display of a gate and the page of a desk can be in, for the tests in a browser and for the pictures under docs/screens. */
import type { Prompt } from '../src/contracts.js';
import type { DeskView } from '../src/page/view.js';
import type { Shown } from '../src/page/views.js';

const words = (zh: string, en: string) => ({ zh, en });

export const CHROMIUM = '/usr/bin/chromium';
export const BROWSER = {
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export const SIZES = [
  [1080, 1920],
  [1280, 800],
  [800, 480],
] as const;

export const SHOWN: Shown = {
  id: 'gate',
  scene: { title: words('进出核验', 'Entry and exit'), words: { inside: words('您已在内', 'You are already inside') } },
  mode: 'normal',
  reading: false,
  asking: false,
  trusted: true,
  journalFailed: false,
  gate: 'locked',
  readers: 'all',
  inside: 3,
  result: undefined,
};

/** A name that is a file's, and what is different then. */
export const STATES: Readonly<Record<string, Partial<Shown>>> = {
  waiting: {},
  reading: { reading: true },
  checking: { asking: true },
  starting: { trusted: false },
  admitted: { gate: 'released', result: { admit: true, direction: 'in', note: undefined } },
  refused: { result: { admit: false, refusal: 'expired', note: undefined } },
  inside: { result: { admit: false, refusal: 'already-used', note: { why: 'inside' } } },
  fire: { mode: 'fire', gate: 'free' },
  free: { mode: 'free', gate: 'free' },
  locked: { mode: 'locked' },
  'journal-failed': { journalFailed: true },
  'gate-away': { gate: 'down' },
  'reader-away': { readers: 'some' },
  'readers-away': { readers: 'none' },
};

const choice = (id: string, zh: string, en: string, detail?: { zh: string; en: string }) => ({
  id,
  label: words(zh, en),
  ...(detail && { detail }),
});

const MENU: DeskView = {
  station: 'kiosk',
  screen: 'serving',
  menu: [
    { scene: 'pharmacy', title: words('药品购买登记', 'Medicines') },
    { scene: 'market', title: words('冷链食品', 'Cold-chain food') },
    { scene: 'checkpoint', title: words('场所码与统计', 'Code of this place') },
    { scene: 'survey', title: words('满意度评价', 'How was it?') },
  ],
  held: false,
  staffCalled: false,
  told: null,
  visit: null,
};

const OUTPATIENT = words('门诊', 'Outpatients');
const INPATIENT = words('住院', 'Inpatients');
const LONG_MENU: DeskView = {
  ...MENU,
  menu: [
    { scene: 'clinic/register', title: words('门诊挂号', 'Register'), group: OUTPATIENT },
    { scene: 'clinic/check-in', title: words('就诊报到', 'Check in'), group: OUTPATIENT },
    { scene: 'clinic/pay', title: words('门诊缴费', 'Pay'), group: OUTPATIENT },
    { scene: 'clinic/admission', title: words('入院登记', 'Admission'), group: INPATIENT },
    { scene: 'clinic/deposit', title: words('预交金缴费', 'Deposit'), group: INPATIENT },
    ...MENU.menu,
  ],
};

function asks(prompt: Prompt, more: Partial<NonNullable<DeskView['visit']>> = {}): DeskView {
  const visit = {
    id: 'visit',
    scene: 'pharmacy',
    title: words('药品购买登记', 'Medicines'),
    step: 1,
    prompt,
    faults: {},
    fading: false,
    ...more,
  };
  return { ...MENU, visit };
}

const IDENTIFY: Prompt = { kind: 'identify', ask: words('请出示购药人的安康码或社保卡', 'Show the buyer’s code or card') };
const QUANTITY: Prompt = {
  kind: 'fill',
  ask: words('购买数量', 'How many?'),
  blanks: [
    { id: 'quantity', label: words('数量（盒）', 'Quantity (boxes)'), kind: 'number', least: 1, most: 2 },
    {
      id: 'purpose',
      label: words('用途', 'What is it for?'),
      kind: 'choice',
      choices: [
        choice('self', '本人使用', 'For myself'),
        choice('family', '家人使用', 'For my family'),
        choice('stock', '家庭备药', 'To keep at home'),
      ],
    },
  ],
};
const WITHIN = words('7 天内 3 盒', '3 boxes within 7 days');

/** Every kind of screen that a desk can show. */
export const DESKS: Readonly<Record<string, DeskView>> = {
  menu: MENU,
  'menu-long': LONG_MENU,
  held: { ...MENU, held: true },
  identify: asks(IDENTIFY),
  turned: asks({
    ...IDENTIFY,
    turned: {
      refusal: 'expired',
      number: 108,
      words: words('这个码已经过期', 'This code has expired'),
      next: words('请刷新后重新出示', 'Refresh it and show it again'),
    },
  }),
  scan: asks({ kind: 'scan', ask: words('请扫药盒上的条码', 'Scan the bar code on the box') }),
  choose: asks({
    kind: 'choose',
    ask: words('请选择药品类别', 'Which kind of medicine is it?'),
    choices: [
      choice('a', '含麻黄碱类复方制剂', 'Compounds with pseudoephedrine', words('7 天内 2 盒', '2 boxes within 7 days')),
      choice('b', '退热药', 'Fever medicines', WITHIN),
      choice('c', '止咳药', 'Cough medicines', WITHIN),
      choice('d', '都不是', 'None of these'),
    ],
  }),
  search: asks({
    kind: 'search',
    ask: words('您要办什么？', 'What do you need?'),
    typed: 'sfz',
    choices: [
      choice('1', '居民身份证核发', 'Resident ID card: issue', words('公安局 · 000109001000', 'Public Security Bureau')),
      choice('2', '居民身份证补办', 'Resident ID card: replacement', words('公安局 · 000109001003', 'Public Security Bureau')),
    ],
    more: 3,
  }),
  'search-none': asks({ kind: 'search', ask: words('您要办什么？', 'What do you need?'), typed: 'zzz', choices: [], more: 0 }),
  fill: asks(QUANTITY),
  'fill-text': asks({
    kind: 'fill',
    ask: words('请填写申请表', 'Please fill in the form'),
    blanks: [{ id: 'name', label: words('姓名', 'Name'), kind: 'text', longest: 30 }],
  }),
  'fill-wrong': asks(QUANTITY, {
    faults: {
      quantity: words('请输入 1 到 2 的整数', 'Enter a whole number from 1 to 2'),
      purpose: words('请选一项', 'Please choose one'),
    },
  }),
  confirm: asks({
    kind: 'confirm',
    ask: words('请核对后确认', 'Is this right?'),
    lines: [
      { label: words('药品', 'Medicine'), value: words('布洛芬胶囊（演示）', 'Ibuprofen capsules (demo)') },
      { label: words('数量', 'Quantity'), value: words('2 盒', '2 boxes') },
    ],
  }),
  busy: asks({ kind: 'busy' }),
  show: asks({
    kind: 'show',
    say: words('登记完成，可以付款取药', 'Registered: the medicine may be paid for'),
    lines: [{ label: words('登记号', 'Number'), value: 'A1B2-7' }],
  }),
  pay: asks({ kind: 'pay', ask: words('门诊费用', 'Outpatient charges'), amount: 3730 }),
  door: asks({ ...IDENTIFY, said: { words: words('签到成功，第 12 号', 'Signed in, number 12'), good: true } }),
  'door-not-invited': asks({
    ...IDENTIFY,
    said: { words: words('不在参加名单上，请联系组织者', 'You are not on the list; please ask the organiser'), good: false },
  }),
  pin: asks({
    kind: 'fill',
    ask: words('请输入 PIN', 'Enter your PIN'),
    blanks: [{ id: 'pin', label: words('PIN 码', 'PIN'), kind: 'digits', shortest: 4, longest: 8, hidden: true }],
  }),
  'staff-page': asks({
    kind: 'show',
    say: words('组织者页面：参与情况、名单、导出', 'Your page: who came, the list, exports'),
    lines: [
      { label: words('本机页面', 'Page of this terminal'), value: '/organiser' },
      { label: words('一次性代码，10 分钟', 'Code, good once, for 10 minutes'), value: '1234 5678' },
    ],
    link: { href: '/organiser#12345678', words: words('在本屏打开', 'Open it here') },
  }),
  fading: asks(IDENTIFY, { fading: true }),
  'phone-sale': {
    ...MENU,
    told: words('手机登记购买：三文鱼 NO-7，数量 2，登记号 PHON-7，库存 3', 'Sold by phone: 三文鱼 NO-7, 2, number PHON-7, 3 left'),
  },
  'staff-called': { ...asks(IDENTIFY), staffCalled: true },
  starting: { ...MENU, screen: 'starting' },
  fire: { ...MENU, screen: 'leave' },
  'out-of-order': { ...MENU, screen: 'out-of-order' },
};
