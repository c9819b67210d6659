/** What the demo's county hall and hotel need: an enterprise and its people, policies, persons that may be told of, and codes to show there. */
import { randomBytes } from 'node:crypto';
import type { Words } from '../contracts.js';
import type { County } from '../platform/county.js';
import { SYNTHETIC_POLICIES, syntheticEnterprise } from '../platform/enterprises.js';
import { enterpriseCode, representativeMark } from '../platform/issue.js';
import { setData, signingIssuer } from '../platform/orders.js';
import { type SimulatedPhone, syntheticPerson } from '../platform/residents.js';
import type { KnownEnterprise } from '../platform/store-enterprises.js';
import type { SimulatedTrustedIdentity } from '../platform/trusted-identity-simulated.js';
import type { DemoCode } from './_demo-codes.js';

const words = (zh: string, en: string): Words => ({ zh, en });
const text = (code: string): Uint8Array => Buffer.from(code, 'latin1');

const ENTERPRISE = 341;
const CODE_S = 365 * 86_400;

interface Hall {
  readonly county: County;
  readonly trustedIdentity: Pick<SimulatedTrustedIdentity, 'know'>;
  /** Who acts for the enterprise and stays at the hotel, and who has a card and no phone. */
  readonly phone: SimulatedPhone;
  readonly elder: SimulatedPhone;
  card(idNumber: string): Uint8Array;
}

export async function hallCodes({ county, trustedIdentity, phone, elder, card }: Hall): Promise<readonly DemoCode[]> {
  const { store } = county;
  for (const { resident } of [phone, elder]) {
    trustedIdentity.know(resident.id);
    await store.putPerson(resident.subject, syntheticPerson(resident));
  }
  const enterprise = syntheticEnterprise(ENTERPRISE, phone.resident.subject);
  await store.putEnterprise(enterprise);
  await setData(store, 'policies', SYNTHETIC_POLICIES);
  const screen = async (): Promise<Uint8Array> => text(await phone.screen(Date.now()));
  return [
    {
      name: 'at-hall',
      words: words('手机亮码（办事大厅）', 'a phone’s code, at the hall'),
      drawn: false,
      scanner: 'hall-scanner',
      make: screen,
    },
    {
      name: 'card-at-hall',
      words: words('社保卡（办事大厅）', 'a social security card, at the hall'),
      drawn: false,
      scanner: 'hall-card-reader',
      make: () => Promise.resolve(card(elder.resident.id)),
    },
    {
      name: 'enterprise',
      words: words('企业码（办事大厅）', 'an enterprise’s code, at the hall'),
      drawn: true,
      scanner: 'hall-scanner',
      make: () => enterpriseText(county, enterprise),
    },
    {
      name: 'licence',
      words: words('营业执照二维码（办事大厅）', 'a business licence’s code, at the hall'),
      drawn: true,
      scanner: 'hall-scanner',
      make: () => Promise.resolve(text(`https://www.gsxt.gov.cn/index.html?uniscid=${enterprise.creditCode}`)),
    },
    {
      name: 'at-hotel',
      words: words('手机亮码（酒店前台）', 'a phone’s code, at the hotel'),
      drawn: false,
      scanner: 'hotel-scanner',
      make: screen,
    },
  ];
}

async function enterpriseText({ store, keys }: County, enterprise: KnownEnterprise): Promise<Uint8Array> {
  const { creditCode, name, status, contact, representative } = enterprise;
  const issued = Math.floor(Date.now() / 1000);
  return text(
    enterpriseCode(await signingIssuer(store, keys, Date.now()), {
      creditCode,
      name,
      status,
      contact,
      issued,
      expires: issued + CODE_S,
      codeId: Uint8Array.from(randomBytes(8)),
      representative: representativeMark(representative, creditCode),
    }),
  );
}
