/** COLD-01 and COLD-02 as a counter plays them. */
import { answers, type Scripts, type Step, shows } from './_script.js';

const SALMON = { product: '三文鱼', origin: '挪威', batch: 'NO-7', certificate: '310120211A01', quantity: '3' };
const STOCK = [{ id: 'A1B2-7', product: '三文鱼', batch: 'NO-7', left: 3 }];
const LABEL = /"label".*扫码登记购买.*"heading":"三文鱼".*NO-7.*城关农贸市场 3 号.*有效期至.*HTTPS:\/\/AK/s;
const entered: readonly Step[] = [
  { at: 'choose', deed: answers('goods') },
  { at: 'fill', deed: answers(SALMON) },
  { at: 'confirm', deed: answers(true), reads: /三文鱼.*挪威.*NO-7.*310120211A01.*3/s },
  { at: 'show', deed: answers(null), reads: /柜台销售码.*data:image/s },
];

export default {
  data: {},
  settings: { counter: '城关农贸市场 3 号', days: 30 },
  scripts: [
    {
      name: 'a batch comes in, corrected before it is confirmed, and gets its sales code',
      steps: [
        { at: 'choose', deed: answers('goods') },
        { at: 'fill', deed: answers({ ...SALMON, quantity: '0' }) },
        { at: 'fill', deed: answers({ ...SALMON, product: '' }), reads: /1 到 100000/ },
        { at: 'fill', deed: answers({ ...SALMON, origin: 'Norway' }), reads: /请填写/ },
        { at: 'confirm', deed: answers(false) },
        ...entered.slice(1),
      ],
      prints: [LABEL],
      leaves: [
        {
          kind: 'market-batch',
          facts: {
            product: '三文鱼',
            origin: '挪威',
            batch: 'NO-7',
            certificate: '310120211A01',
            quantity: 3,
            counter: '城关农贸市场 3 号',
          },
          personal: null,
        },
      ],
    },
    {
      name: 'a sale in two gestures: who, and how many; the stock goes down',
      kept: STOCK,
      steps: [
        { at: 'choose', deed: answers('sale') },
        { at: 'choose', deed: answers('A1B2-7'), reads: /三文鱼 NO-7.*库存 3/s },
        { at: 'identify', deed: shows('code') },
        { at: 'fill', deed: answers({ quantity: '4' }) },
        { at: 'fill', deed: answers({ quantity: '2' }), reads: /1 到 3/ },
        { at: 'show', deed: answers(null), reads: /购买登记完成.*"1".*已打印，请取走/s },
      ],
      prints: [/"slip".*冷链食品购买登记.*三文鱼 NO-7.*"2".*"code":"[0-9A-F]{4}-\d+".*召回/s],
      leaves: [{ kind: 'market-sale', facts: { batch: 'A1B2-7', quantity: 2 }, personal: {} }],
    },
    {
      name: 'an expired code buys nothing',
      kept: STOCK,
      steps: [
        { at: 'choose', deed: answers('sale') },
        { at: 'choose', deed: answers('A1B2-7') },
        { at: 'identify', deed: shows('expired') },
        { at: 'identify', deed: shows('code'), reads: /这个码已经过期/ },
        { at: 'fill', deed: answers({ quantity: '3' }) },
        { at: 'show', deed: answers(null), reads: /"0"/ },
      ],
      prints: [/"slip".*"3"/s],
      leaves: [{ kind: 'market-sale', facts: { quantity: 3 }, personal: {} }],
    },
    {
      name: 'the sales code of a batch again',
      kept: STOCK,
      steps: [
        { at: 'choose', deed: answers('code') },
        { at: 'choose', deed: answers('A1B2-7') },
        { at: 'show', deed: answers(null), reads: /data:image/ },
      ],
      prints: [LABEL],
      leaves: [],
    },
    {
      name: 'the stock is counted by hand, after phones bought what this box never heard of',
      kept: STOCK,
      steps: [
        { at: 'choose', deed: answers('count') },
        { at: 'choose', deed: answers('A1B2-7') },
        { at: 'fill', deed: answers({ quantity: '-1' }) },
        { at: 'fill', deed: answers({ quantity: '1' }), reads: /0 到 100000/ },
        { at: 'show', deed: answers(null), reads: /库存已更正.*"1"/s },
      ],
      leaves: [{ kind: 'market-count', facts: { batch: 'A1B2-7', left: 1, was: 3 }, personal: null }],
    },
    {
      name: 'a batch is taken off sale',
      kept: STOCK,
      steps: [
        { at: 'choose', deed: answers('close') },
        { at: 'choose', deed: answers('A1B2-7') },
        { at: 'show', deed: answers(null), reads: /已下架/ },
      ],
      leaves: [{ kind: 'market-closed', facts: { batch: 'A1B2-7', left: 3 }, personal: null }],
    },
    {
      name: 'a desk without a printer: the page is what is noted down',
      kept: STOCK,
      printer: 'no-printer',
      steps: [
        { at: 'choose', deed: answers('sale') },
        { at: 'choose', deed: answers('A1B2-7') },
        { at: 'identify', deed: shows('code') },
        { at: 'fill', deed: answers({ quantity: '1' }) },
        { at: 'show', deed: answers(null), reads: /购买登记完成.*本机不打印，请记下或拍下本页/s },
      ],
      leaves: [{ kind: 'market-sale', facts: { quantity: 1 }, personal: {} }],
    },
    {
      name: 'nothing to sell yet',
      steps: [
        { at: 'choose', deed: answers('sale') },
        { at: 'show', deed: answers(null), reads: /请先登记新到的货/ },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
