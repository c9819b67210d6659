/** Enterprises of nobody for tests and the demo, and the policies that the demo's county offers them: synthetic credit codes, made-up records. */
import type { Words } from '../contracts.js';
import { INDUSTRIES, type Policies, SIZES } from '../messages/enterprise.js';
import { syntheticCreditCode } from '../messages/identifiers.js';
import type { KnownEnterprise } from './store-enterprises.js';

const words = (zh: string, en: string): Words => ({ zh, en });

/** The `number`th, the same each time. `representative`, `agents`: pseudonyms. */
export function syntheticEnterprise(number: number, representative: string, agents: readonly string[] = []): KnownEnterprise {
  const creditCode = syntheticCreditCode(number);
  const name = `霍山测试企业${String(number).padStart(3, '0')}（虚构）`;
  return {
    creditCode,
    name,
    status: number % 10 === 9 ? 'suspended' : 'active',
    industry: INDUSTRIES[number % INDUSTRIES.length] ?? 'other',
    size: SIZES[number % SIZES.length] ?? 'micro',
    contact: '0564-0000000',
    representative,
    agents,
    credit: {
      asOf: '2026-11-01',
      records: [
        { date: '2026-03-15', kind: 'good', text: words('纳税信用 A 级（演示）', 'Taxpayer of class A (demo)') },
        ...(number % 3 === 0
          ? [
              {
                date: '2025-08-01',
                kind: 'penalty' as const,
                text: words('未按时年报，已改正（演示）', 'Late annual report, mended (demo)'),
              },
            ]
          : []),
      ],
    },
    licences: [
      {
        id: 'business-licence',
        name: words('营业执照', 'Business licence'),
        lines: [
          { label: words('名称', 'Name'), value: name },
          { label: words('统一社会信用代码', 'Credit code'), value: creditCode },
          { label: words('类型', 'Kind'), value: '有限责任公司（演示）' },
        ],
      },
      {
        id: 'food-permit',
        name: words('食品经营许可证', 'Food trading permit'),
        until: '2028-12-31',
        lines: [
          { label: words('名称', 'Name'), value: name },
          { label: words('许可证编号', 'Number'), value: `JY-TEST-${String(number).padStart(6, '0')}` },
          { label: words('经营项目', 'For'), value: '预包装食品销售（演示）' },
        ],
      },
    ],
  };
}

export const SYNTHETIC_POLICIES: Policies = {
  version: 1,
  asOf: '2026-11-01',
  policies: [
    {
      id: 'micro-loan',
      title: words('小微企业贴息贷款（演示）', 'Subsidised loans for small enterprises (demo)'),
      summary: words('贷款利息补贴百分之五十，最高三十万元，凭企业码申请', 'Half of the interest, up to 300,000 yuan; apply with the code'),
      department: words('县财政局', 'Finance bureau'),
      industries: [],
      sizes: ['micro', 'small'],
      until: '2027-12-31',
    },
    {
      id: 'tea-cold-chain',
      title: words('农产品冷链补助（演示）', 'Aid for cold chains of farm produce (demo)'),
      summary: words('新建冷库按投资额的三成补助', 'Three tenths of what a new cold store costs'),
      department: words('县农业农村局', 'Agriculture bureau'),
      industries: ['farming', 'trade', 'transport'],
      sizes: [],
    },
    {
      id: 'hire-graduates',
      title: words('吸纳毕业生社保补贴（演示）', 'Insurance aid for hiring graduates (demo)'),
      summary: words('每吸纳一名毕业生补贴一年社保费', 'A year of insurance for each graduate hired'),
      department: words('县人力资源和社会保障局', 'Human resources bureau'),
      industries: [],
      sizes: [],
    },
    {
      id: 'tech-upgrade',
      title: words('工业技改奖补（演示）', 'Rewards for modern machines (demo)'),
      summary: words('设备投资五百万元以上奖补百分之八', 'Eight percent of machines beyond five million yuan'),
      department: words('县科技商务经济信息化局', 'Industry bureau'),
      industries: ['industry'],
      sizes: ['medium', 'large'],
      until: '2026-12-31',
    },
  ],
};
