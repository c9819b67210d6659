/** COLD-01, COLD-02, DRUG-01, STAY-01 and OPS-02: counters, a hotel's front desk, a checkpoint. */
import { agrees, chooses, ends, fills, type Row, type Step, scans, shows, touches } from './rows-play.js';

const COLD = /冷链食品/;
const STAY = /住宿登记/;
const me = shows('screen');
const batch = (name: string): readonly Step[] => [
  chooses(/登记新到的货/),
  fills([
    [/品名/, '三文鱼'],
    [/原产地/, '挪威'],
    [/生产批号/, name],
    [/证明编号/, '310120211A01'],
    [/数量/, '30'],
  ]),
  agrees(/挪威/),
  ends(/柜台销售码/),
];
const buys: readonly Step[] = [chooses(/登记购买/), chooses(/三文鱼 NO-7/), me];
const two = fills([[/数量|卖出/, '2']]);

const sale = (name: RegExp): readonly Step[] => [touches('scan', /没有码/), chooses(name), me];
const one = fills([[/数量/, '1']]);

const asks: readonly Step[] = [chooses(/^入住登记/), agrees(/公安机关/), me];
const room = (number: string): Step =>
  fills([
    [/房号/, number],
    [/住几晚/, '2'],
  ]);

export const SHOP: readonly Row[] = [
  {
    id: 'COLD-01',
    up: { desk: 'shop', scene: COLD, steps: batch('NO-7') },
    adds: 1,
    count: (books) => books.records('market-batch'),
    down: { desk: 'shop', scene: COLD, steps: batch('NO-8') },
    later: 1,
  },
  {
    id: 'COLD-02',
    up: { desk: 'shop', scene: COLD, steps: [...buys, two, ends(/购买登记完成.*28/s)] },
    adds: 1,
    count: (books) => books.records('market-sale'),
    half: { outage: 2, desk: 'shop', scene: COLD, before: buys, after: [two, ends(/购买登记完成.*26/s)] },
    down: { desk: 'shop', scene: COLD, steps: [...buys, two, ends(/购买登记完成.*24/s)] },
    later: 2,
  },
  {
    id: 'DRUG-01',
    up: {
      desk: 'shop',
      scene: /药品购买登记/,
      steps: [scans('medicine'), me, fills([[/数量/, '1']], '本人使用'), agrees(/还可购买/), ends(/登记完成，可以付款取药/)],
    },
    adds: 1,
    count: (books) => books.records('drug-sale'),
    half: {
      outage: 1,
      desk: 'shop',
      scene: /药品购买登记/,
      before: sale(/止咳药/),
      after: [one, agrees(), ends(/登记完成/)],
    },
    down: { desk: 'shop', scene: /药品购买登记/, steps: [...sale(/抗病毒药/), one, agrees(), ends(/登记已保存，联网后上报/)] },
    // By the card of ELD-03 as well.
    later: 3,
  },
  {
    id: 'STAY-01',
    up: {
      desk: 'front-desk',
      scene: STAY,
      steps: [...asks, chooses(/没有了/), room('301'), agrees(/测\*.*301/s), ends(/入住登记完成.*公安回执/s)],
    },
    adds: 1,
    count: (books) => books.records('stay-guest'),
    half: {
      outage: 1,
      desk: 'front-desk',
      scene: STAY,
      before: [...asks, chooses(/没有了/)],
      after: [room('302'), agrees(), ends(/联网后上报公安/)],
    },
    down: {
      desk: 'front-desk',
      scene: STAY,
      steps: [
        ...asks,
        chooses(/核对本人，刷卡/, /连不上/),
        shows('card'),
        chooses(/^已满 18/),
        chooses(/没有了/),
        room('303'),
        agrees(),
        ends(/联网后上报公安/),
      ],
    },
    later: 2,
  },
  {
    id: 'OPS-02',
    up: {
      desk: 'kiosk',
      scene: /场所码与统计/,
      steps: [chooses(/打印场所码海报/), shows('staff'), fills([[/PIN/, '2580']]), ends(/场所码海报.*有效期/s)],
    },
    adds: 1,
    count: async (books) => (await books.store.recorded({ kind: 'staff' })).filter(({ facts }) => facts['event'] === 'signed-in').length,
    down: { desk: 'kiosk', scene: /场所码与统计/, steps: [chooses(/显示场所码/), ends(/请用手机扫码登记/)] },
    later: 0,
  },
];
