/** Who stays: each guest by code and the trusted-identity service, or by the card in hand; children by their guardian (STAY-01). */
import type { Choice, Desk, Facts, Person, Presented, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { CONFIRM, CONFIRMED } from '../messages/stay.js';
import { ageAt } from './_persons.js';

const words = (zh: string, en: string): Words => ({ zh, en });

export interface Guest {
  /** undefined: a child who carries nothing; the guardian answers for it. */
  readonly who: Presented | undefined;
  /** How it was seen that this is the person. */
  readonly way: 'confirmed' | 'card' | 'guardian';
  readonly role: 'guest' | 'companion' | 'minor';
  /** What the platform told of them; undefined: it could not be asked. */
  readonly person: Person | undefined;
  /** Sealed with the record. */
  readonly told: Facts;
}

const WORDS = {
  first: words('请住客出示安康码或社保卡', 'Show the guest’s code or card'),
  next: words('请同住人出示安康码或社保卡', 'Show the companion’s code or card'),
  card: words('请核对本人后，在读卡器上刷身份凭证卡', 'Look at the person, then put their card on the reader'),
  staff: words('网上核验没有通过或连不上，请前台处理', 'It could not be confirmed online: the front desk decides'),
  notCard: words('这不是卡片，请刷卡', 'That is no card: put the card on the reader'),
  more: words('还有同住人吗？', 'Is anybody staying with you?'),
  age: words('住客是否未满 18 周岁？', 'Is the guest under 18?'),
  child: words('同住儿童', 'The child'),
  guardian: words('未成年人单独入住，请填写监护人', 'A minor alone: who is the guardian?'),
  name: words('姓名', 'Name'),
  birth: words('出生日期', 'Date of birth'),
  relation: words('与监护人的关系', 'Relation to the guardian'),
  phone: words('监护人电话', 'The guardian’s phone'),
  called: words('已与监护人联系并取得同意？', 'Was the guardian reached, and do they agree?'),
  twice: words('这位住客已经登记在内', 'This guest is on the list already'),
};
export const GUEST_WORDS = WORDS;

const MOST_GUESTS = 8;
const ADULT = 18;

const MORE: readonly Choice[] = [
  { id: 'none', label: words('没有了', 'Nobody else') },
  { id: 'adult', label: words('出示码或卡的同住人', 'Somebody with a code or card') },
  { id: 'child', label: words('没有证件的儿童', 'A child without one') },
];
const STAFF: readonly Choice[] = [
  { id: 'card', label: words('核对本人，刷卡登记', 'Compare the person, register by card') },
  { id: 'stop', label: words('不办理', 'Do not register') },
];
const AGES: readonly Choice[] = [
  { id: 'adult', label: words('已满 18 周岁', '18 or older') },
  { id: 'minor', label: words('未满 18 周岁', 'Under 18') },
];
const RELATIONS: readonly Choice[] = [
  { id: 'parent', label: words('父母', 'Parent') },
  { id: 'grandparent', label: words('祖父母、外祖父母', 'Grandparent') },
  { id: 'sibling', label: words('成年兄姐', 'Grown-up brother or sister') },
  { id: 'other', label: words('其他监护人', 'Another guardian') },
];

/** Everybody who stays; empty: the first was not registered, or a minor's guardian does not agree. */
export async function party(desk: Desk): Promise<readonly Guest[]> {
  const first = await guest(desk, WORDS.first, 'guest');
  const cared = first && (await withGuardian(desk, first));
  if (!cared) return [];
  const guests = [cared];
  while (guests.length < MOST_GUESTS) {
    const { id } = await desk.choose(WORDS.more, MORE);
    if (id === 'none') break;
    const another = id === 'child' ? await child(desk) : await guest(desk, WORDS.next, 'companion');
    if (!another) continue;
    if (another.who && guests.some(({ who }) => who?.credential.subject === another.who?.credential.subject)) await desk.show(WORDS.twice);
    else guests.push(another);
  }
  return guests;
}

/** undefined: the staff does not register this one. */
async function guest(desk: Desk, ask: Words, role: 'guest' | 'companion'): Promise<Guest | undefined> {
  const shown = await desk.identify(ask, ['person']);
  const seen = await confirmed(desk, shown);
  if (!seen) return undefined;
  const released = await desk.reveal(seen.who, ['name', 'sex', 'birth', 'nation', 'idNumber', 'address'], 'guest-record');
  const person = released?.status === 'ok' ? released.person : undefined;
  const minor = await isMinor(desk, person);
  return { who: seen.who, way: seen.way, role: minor ? 'minor' : role, person, told: seen.mark === undefined ? {} : { mark: seen.mark } };
}

interface Seen {
  readonly who: Presented;
  readonly way: 'confirmed' | 'card';
  readonly mark?: string;
}

/** A card in hand is compared by the staff; a code by the trusted-identity service, or else by the staff and a card. */
async function confirmed(desk: Desk, who: Presented): Promise<Seen | undefined> {
  if (who.credential.form === 'card') return { who, way: 'card' };
  const answer = await desk.ask(CONFIRM, {}, who);
  const mark = answer?.status === 'ok' ? CONFIRMED.safeParse(answer.body).data?.mark : undefined;
  if (mark !== undefined) return { who, way: 'confirmed', mark };
  if ((await desk.choose(WORDS.staff, STAFF)).id === 'stop') return undefined;
  for (let ask = WORDS.card; ; ask = WORDS.notCard) {
    const card = await desk.identify(ask, ['person']);
    if (card.credential.form === 'card') return { who: card, way: 'card' };
  }
}

async function isMinor(desk: Desk, person: Person | undefined): Promise<boolean> {
  const age = person?.birth === undefined ? undefined : ageAt(person.birth, localTime(desk.at.earliest).day);
  if (age !== undefined) return age < ADULT;
  return (await desk.choose(WORDS.age, AGES)).id === 'minor';
}

/** A minor who comes alone needs a guardian who was reached; undefined: there is none. */
async function withGuardian(desk: Desk, guest: Guest): Promise<Guest | undefined> {
  if (guest.role !== 'minor') return guest;
  const {
    name = '',
    phone = '',
    relation = '',
  } = await desk.fill(WORDS.guardian, [
    { id: 'name', label: WORDS.name, kind: 'text', longest: 30 },
    { id: 'phone', label: WORDS.phone, kind: 'digits', shortest: 7, longest: 12 },
    { id: 'relation', label: WORDS.relation, kind: 'choice', choices: RELATIONS },
  ]);
  const reached = await desk.confirm(WORDS.called, [
    { label: WORDS.name, value: name },
    { label: WORDS.phone, value: phone },
  ]);
  return reached ? { ...guest, told: { ...guest.told, guardian: name, guardianPhone: phone, relation } } : undefined;
}

async function child(desk: Desk): Promise<Guest> {
  const {
    name = '',
    birth = '',
    relation = '',
  } = await desk.fill(WORDS.child, [
    { id: 'name', label: WORDS.name, kind: 'text', longest: 30 },
    { id: 'birth', label: WORDS.birth, kind: 'date' },
    { id: 'relation', label: WORDS.relation, kind: 'choice', choices: RELATIONS },
  ]);
  return { who: undefined, way: 'guardian', role: 'minor', person: undefined, told: { name, birth, relation } };
}
