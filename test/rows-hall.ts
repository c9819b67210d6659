/** ENT-01 to ENT-06, GOV-01, ELD-01 to ELD-03 as they are played at the county hall. */
import { agrees, chooses, ends, fills, type Play, type Row, type Step, scans, seeks, shows, touches } from './rows-play.js';

const ENTERPRISE = /企业服务/;
const CANNOT = /现在连不上县平台/;
const me = shows('screen');
const byCode = [chooses(/出示企业码/), shows('enterprise')] as const;
const byLicence = [chooses(/扫营业执照/), scans('licence')] as const;
const at = (scene: RegExp, ...steps: readonly Step[]): Play => ({ desk: 'hall', scene, steps });

const CARD_LOST = [
  [/联系电话/, '13000000000'],
  [/证件编号/, 'A1'],
] as const;
const form = [fills(CARD_LOST, '遗失', '邮寄送达'), agrees(/13000000000/)] as const;
const toItem = [chooses(/按名称找事项/), seeks('sfzbb'), agrees(/居民身份证补办/), me] as const;

const toPermit = [chooses(/直接办事/), ...byCode, me, seeks('spjyxkz'), agrees(/食品经营许可证/), agrees(/电子证照库/)] as const;
const permit: Step = fills(
  [
    [/联系电话/, '13000000000'],
    [/联系地址/, '城关镇'],
  ],
  '窗口自取',
);

export const HALL: readonly Row[] = [
  {
    id: 'ENT-01',
    up: at(ENTERPRISE, chooses(/申领企业码/), ...byLicence, me, agrees(/霍山测试企业341/), ends(/申领已登记.*-\d/s)),
    adds: 1,
    count: (books) => books.records('enterprise-application'),
    half: {
      outage: 1,
      desk: 'hall',
      scene: ENTERPRISE,
      before: [chooses(/申领企业码/), ...byLicence, me],
      after: [agrees(), ends(/申领已登记/)],
    },
    down: at(ENTERPRISE, chooses(/申领企业码/), ...byLicence, me, agrees(/信用代码/), ends(/申领已登记/)),
    later: 2,
  },
  {
    id: 'ENT-02',
    up: at(ENTERPRISE, chooses(/企业名片/), ...byCode, ends(/霍山测试企业341.*存续.*0564/s)),
    adds: 0,
    count: () => 0,
    down: at(ENTERPRISE, chooses(/企业名片/), ...byCode, ends(/霍山测试企业341.*存续.*0564/s)),
    later: 0,
  },
  {
    id: 'ENT-03',
    up: at(ENTERPRISE, chooses(/惠企政策/), fills([], '工业制造', '小型'), chooses(/贷款/), ends(/清单日期/)),
    adds: 0,
    count: () => 0,
    down: at(ENTERPRISE, chooses(/惠企政策/), fills([], '工业制造', '小型'), chooses(/贷款/), ends(/清单日期/)),
    later: 0,
  },
  {
    id: 'ENT-04',
    up: at(ENTERPRISE, ...toPermit, permit, agrees(), ends(/已提交.*办件编号/s)),
    adds: 1,
    count: (books) => books.records('affair'),
    half: {
      outage: 2,
      desk: 'hall',
      scene: ENTERPRISE,
      before: [...toPermit],
      after: [permit, agrees(), ends(/已保存，联网后上报/)],
    },
    down: at(ENTERPRISE, chooses(/直接办事/), ...byCode, me, ends(CANNOT)),
    // One here, two by GOV-01.
    later: 3,
  },
  {
    id: 'ENT-05',
    up: at(ENTERPRISE, chooses(/信用记录/), ...byLicence, ends(/公共信用记录.*截至/s)),
    adds: 0,
    count: () => 0,
    down: at(ENTERPRISE, chooses(/信用记录/), ...byCode, ends(CANNOT)),
    later: 0,
  },
  {
    id: 'ENT-06',
    up: at(
      ENTERPRISE,
      chooses(/电子证照/),
      ...byCode,
      me,
      chooses(/食品经营许可证|营业执照/),
      chooses(/核对信息/),
      agrees(/留下记录/),
      ends(/水印/),
    ),
    adds: 1,
    count: (books) => books.audited('released', 'enterprise'),
    down: at(ENTERPRISE, chooses(/电子证照/), ...byCode, me, ends(CANNOT)),
    later: 0,
  },
  {
    id: 'GOV-01',
    up: { desk: 'kiosk', scene: /政务服务/, steps: [...toItem, agrees(/电子证照库/), ...form, ends(/已提交.*办件编号/s)] },
    adds: 1,
    count: (books) => books.records('affair'),
    half: {
      outage: 1,
      desk: 'kiosk',
      scene: /政务服务/,
      before: [...toItem, agrees(/电子证照库/)],
      after: [...form, ends(/已保存，联网后上报/)],
    },
    down: {
      desk: 'kiosk',
      scene: /政务服务/,
      steps: [...toItem, ends(/联系不上证照库/), ...form, ends(/已保存，联网后上报/)],
    },
    // Two here, one by ENT-04.
    later: 3,
  },
  {
    id: 'ELD-01',
    up: at(/长者服务/, chooses(/代申领/), me, chooses(/有，刷卡/), shows('card'), chooses(/子女/), agrees(/社保卡/), ends(/申领已登记/)),
    adds: 1,
    count: (books) => books.records('elder-application'),
    half: {
      outage: 3,
      desk: 'hall',
      scene: /长者服务/,
      before: [chooses(/代申领/), me, chooses(/有，刷卡/), shows('card')],
      after: [chooses(/子女/), agrees(), ends(/申领已登记/)],
    },
    down: at(/长者服务/, chooses(/代申领/), me, chooses(/有，刷卡/), shows('card'), chooses(/子女/), agrees(), ends(/申领已登记/)),
    later: 2,
  },
  {
    id: 'ELD-02',
    up: at(/长者服务/, chooses(/打印纸质码/), shows('card'), chooses(/大字卡片/), agrees(), ends(/请取走.*有效期至/s)),
    adds: 1,
    count: (books) => books.carried('code'),
    down: at(/长者服务/, chooses(/打印纸质码/), shows('card'), chooses(/大字卡片/), agrees(), ends(CANNOT)),
    later: 0,
  },
  {
    id: 'ELD-03',
    up: at(/长者服务/, chooses(/^登记社保卡/), shows('card'), ends(/登记完成/)),
    adds: 1,
    count: (books) => books.carried('card'),
    // Used where the code would be shown.
    down: {
      desk: 'shop',
      scene: /药品购买登记/,
      steps: [touches('scan', /没有码/), chooses(/退热药/), shows('card'), fills([[/数量/, '1']]), agrees(), ends(/登记已保存/)],
    },
    later: 0,
  },
];
