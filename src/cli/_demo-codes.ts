/** What the demo's hand can hold before the scanner: codes made fresh by the TEST county, good ones and bad ones. */
import { randomBytes } from 'node:crypto';
import type { Words } from '../contracts.js';
import { generateKey } from '../crypto/sm2.js';
import { FORM } from '../messages/claims.js';
import { demoItems } from '../platform/affairs/catalogue.js';
import type { County } from '../platform/county.js';
import type { SimulatedGateway } from '../platform/gateway.js';
import { personCode, signingKey } from '../platform/issue.js';
import { motAuthorised, motCertificate, motCode } from '../platform/issue-transit.js';
import { setColour, setData, signingIssuer } from '../platform/orders.js';
import { simulatedPhone, syntheticResident } from '../platform/residents.js';
import { addStaff } from '../platform/staff.js';
import type { SimulatedTrustedIdentity } from '../platform/trusted-identity-simulated.js';
import { DEMO_DRUGS, DEMO_PIN, DEMO_SURVEY } from './_demo-data.js';
import { hallCodes } from './_demo-hall.js';

export interface DemoCode {
  readonly name: string;
  readonly words: Words;
  /** Made at the moment it is shown. */
  make(): Promise<Uint8Array>;
  /** It is a picture of text that a phone or a sheet shows. */
  readonly drawn: boolean;
  /** The scanner it is held before; absent: the way in. */
  readonly scanner?:
    | 'hall-scanner'
    | 'hall-card-reader'
    | 'hotel-scanner'
    | 'scanner-out'
    | 'bus-scanner'
    | 'card-reader'
    | 'kiosk-scanner'
    | 'window-scanner';
}

const words = (zh: string, en: string): Words => ({ zh, en });
const text = (code: string): Uint8Array => Buffer.from(code, 'latin1');
const seconds = (): number => Math.floor(Date.now() / 1000);

export async function demoCodes(
  county: County,
  gateway: SimulatedGateway,
  trustedIdentity: SimulatedTrustedIdentity,
): Promise<readonly DemoCode[]> {
  const { store, keys } = county;
  const people = await Promise.all([1, 2, 3, 4, 5].map((number) => syntheticResident(keys, number)));
  const [phone, paper, refused, rider, elder] = people.map((resident) => simulatedPhone({ store, keys }, resident));
  if (!phone || !paper || !refused || !rider || !elder) throw new Error('the county has no residents');
  await setColour(store, refused.resident.subject, 'red');
  await setData(store, 'drugs', DEMO_DRUGS);
  await setData(store, 'survey', DEMO_SURVEY);
  await setData(store, 'items', demoItems());
  await addStaff(store, { subject: rider.resident.subject, roles: ['organiser', 'clerk'], pin: DEMO_PIN });
  const atHall = await hallCodes({ county, trustedIdentity, phone, elder, card: cardLine });
  await county.publish();
  const sheet = await paper.paper(Date.now());
  let last: Uint8Array | undefined;
  const shown = async (): Promise<Uint8Array> => (last = text(await phone.screen(Date.now())));
  return [
    { name: 'screen', words: words('手机亮码', 'a phone’s code'), drawn: true, make: shown },
    {
      name: 'moment',
      words: words('手机离线码', 'made offline by the phone'),
      drawn: true,
      make: async () => text(await phone.moment(Date.now())),
    },
    { name: 'paper', words: words('纸质码', 'on paper'), drawn: true, make: () => Promise.resolve(text(sheet)) },
    {
      name: 'leaving',
      words: words('手机亮码（出口）', 'the phone’s code, at the exit'),
      drawn: false,
      scanner: 'scanner-out',
      make: async () => text(await phone.screen(Date.now())),
    },
    { name: 'replayed', words: words('刚用过的码', 'the phone’s code once more'), drawn: false, make: async () => last ?? shown() },
    { name: 'expired', words: words('过期码', 'expired'), drawn: true, make: () => expired(county, phone.resident.subject) },
    {
      name: 'listed',
      words: words('名单上的人', 'somebody on a list'),
      drawn: true,
      make: async () => text(await refused.screen(Date.now())),
    },
    { name: 'forged', words: words('伪造码', 'forged'), drawn: true, make: () => forged(county, phone.resident.subject) },
    {
      name: 'stranger',
      words: words('自签码', 'signed by a stranger'),
      drawn: true,
      make: () => Promise.resolve(signedBy(signingKey(generateKey()), keys.region, phone.resident.subject)),
    },
    {
      name: 'today',
      words: words('现行安康码（联网核验）', 'today’s code, checked online'),
      drawn: true,
      make: () => Promise.resolve(text(gateway.show({ id: rider.resident.id, name: rider.resident.name, colour: 'green' }))),
    },
    {
      name: 'card',
      words: words('社会保障卡', 'a social security card'),
      drawn: false,
      scanner: 'card-reader',
      make: () => Promise.resolve(cardLine(elder.resident.id)),
    },
    { name: 'payment', words: words('付款码', 'a payment code'), drawn: true, make: () => Promise.resolve(text('134567890123456789')) },
    {
      name: 'medicine',
      words: words('药盒条码（自助机）', 'a medicine’s bar code (kiosk)'),
      drawn: false,
      scanner: 'kiosk-scanner',
      make: () => Promise.resolve(text('6900000000014')),
    },
    {
      name: 'at-kiosk',
      words: words('手机亮码（自助机）', 'a phone’s code, at the kiosk'),
      drawn: false,
      scanner: 'kiosk-scanner',
      make: async () => text(await phone.screen(Date.now())),
    },
    {
      name: 'at-window',
      words: words('手机亮码（药房窗口）', 'a phone’s code, at the pharmacy’s window'),
      drawn: false,
      scanner: 'window-scanner',
      make: async () => text(await phone.screen(Date.now())),
    },
    {
      name: 'hospital-card',
      words: words('就诊卡（自助机，先建卡）', 'the hospital’s card (kiosk, once it is made)'),
      drawn: true,
      scanner: 'kiosk-scanner',
      // The first that the demo's hospital gives out.
      make: () => Promise.resolve(text('HSYY000000000001')),
    },
    {
      name: 'pay',
      words: words('付款码（自助机）', 'a payment code (kiosk)'),
      drawn: true,
      scanner: 'kiosk-scanner',
      make: () => Promise.resolve(text('134567890123456789')),
    },
    {
      name: 'poor',
      words: words('余额不足的付款码（自助机）', 'a payment code without money (kiosk)'),
      drawn: true,
      scanner: 'kiosk-scanner',
      make: () => Promise.resolve(text('134567890123450001')),
    },
    {
      name: 'bill',
      words: words('缴费单（自助机）', 'a bill (kiosk)'),
      drawn: true,
      scanner: 'kiosk-scanner',
      make: async () => text(await newBill(county)),
    },
    {
      name: 'staff',
      words: words(`工作人员亮码（自助机，测试 PIN ${DEMO_PIN}）`, `staff at the kiosk, TEST PIN ${DEMO_PIN}`),
      drawn: false,
      scanner: 'kiosk-scanner',
      make: async () => text(await rider.screen(Date.now())),
    },
    {
      name: 'ride',
      words: words('乘车码（公交门）', 'a ride code (bus door)'),
      drawn: false,
      scanner: 'bus-scanner',
      make: () => Promise.resolve(rideCode(county)),
    },
    ...atHall,
  ];
}

/** What a reader that reads cards by itself sends (facts 3.4): region, ID number, card number, code, name, then what we do not read. */
function cardLine(id: string): Uint8Array {
  const name = Buffer.from([0xb2, 0xe2, 0xca, 0xd4]); // 测试 in GBK
  const card = `341525|${id}|A00000019|341525D15600000500BF7C7A48FB4966|`;
  return Buffer.concat([Buffer.from(card), name, Buffer.from('|00814E|3.00|20211203|20311202|1|2|\r\n')]);
}

function signedBy(issuer: ReturnType<typeof signingKey>, region: string, subject: string, issued = seconds()): Uint8Array {
  return text(
    personCode(issuer, {
      region,
      subject,
      issued,
      expires: issued + 60,
      codeId: Uint8Array.from(randomBytes(8)),
      form: FORM.screen,
      colour: 'green',
    }),
  );
}

async function expired({ store, keys }: County, subject: string): Promise<Uint8Array> {
  return signedBy(await signingIssuer(store, keys, Date.now()), keys.region, subject, seconds() - 600);
}

/** The county's own key id over somebody else's signature. */
async function forged({ store, keys }: County, subject: string): Promise<Uint8Array> {
  const { kid } = await signingIssuer(store, keys, Date.now());
  return signedBy({ ...signingKey(generateKey()), kid }, keys.region, subject);
}

let bills = 0;

/** 12.30 yuan at a window, each time another one. */
function newBill({ cashier, keys }: County): Promise<string> {
  return cashier.open({
    service: 'demo',
    reference: `demo/${Date.now()}/${++bills}`,
    amount: 1230,
    subject: null,
    terminal: keys.terminals()[0] ?? '',
    what: words('门诊费（演示）', 'Consultation (demo)'),
  });
}

let rides = 0;

function rideCode({ keys }: County): Uint8Array {
  const user = signingKey(generateKey());
  const certificate = motCertificate(keys.mot.ca, keys.mot.issuer.point, { index: keys.mot.index, month: 12, year: 2030 });
  const account = String(++rides).padStart(16, '0');
  const authorised = motAuthorised(certificate, {
    payment: account,
    card: account.padStart(20, '0'),
    user: user.point,
    authorised: seconds() + 86_400,
    validity: 60,
    custom: new Uint8Array(0),
  });
  return motCode(authorised, { issuer: keys.mot.issuer, user }, seconds());
}
