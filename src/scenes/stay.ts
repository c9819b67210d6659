/** Scene `stay`: guests of a hotel are registered by their code, confirmed by the trusted-identity service, with the card as the staff's way (STAY-01). */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Line, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { REGISTER, REGISTERED } from '../messages/stay.js';
import { type Guest, party } from './_guests.js';
import { maskedLines } from './_persons.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const SETTINGS = z.strictObject({
  hotel: z.string().min(1).max(40).describe('what the hotel is called on slips'),
  mostNights: z.int().min(1).max(365).default(90),
});
type Settings = z.infer<typeof SETTINGS>;

const WORDS = {
  what: words('前台登记', 'Front desk'),
  consent: words('是否同意用安康码办理入住？', 'Do you agree to check in by your code?'),
  told: words('提供的信息', 'What is told'),
  fields: words('姓名、性别、民族、出生日期、证件号码、住址', 'Name, sex, ethnic group, birth date, number, address'),
  to: words('提供给', 'To whom'),
  police: words('公安机关旅馆业系统；本机不保存', 'The police’s register of guests; this box keeps nothing'),
  declined: words('未办理。可用身份证件由前台人工登记', 'Nothing was done. The front desk can register you by your card'),
  room: words('房间与天数', 'Room and nights'),
  roomNumber: words('房号', 'Room'),
  nights: words('住几晚', 'Nights'),
  right: words('请核对后确认', 'Is this right?'),
  guests: words('人数', 'Guests'),
  done: words('入住登记完成', 'Checked in'),
  later: words('已登记，联网后上报公安', 'Registered here; the police are told when the network is back'),
  number: words('登记号', 'Number'),
  acknowledgement: words('公安回执', 'Police receipt'),
  occupied: words('这个房间已有住客，请先退房或换一间', 'Somebody is registered in this room: check them out first, or take another'),
  which: words('哪一间退房？', 'Which room checks out?'),
  empty: words('现在没有在住登记', 'Nobody is registered as staying'),
  left: words('退房登记完成', 'Checked out'),
  house: words('在住房间', 'Rooms that are taken'),
  full: words('在住登记已满，请先办理退房', 'Too many rooms are registered: check some out first'),
};

const CHOICES: readonly Choice[] = [
  { id: 'in', label: words('入住登记', 'Check in') },
  { id: 'out', label: words('退房登记', 'Check out') },
  { id: 'house', label: words('在住房间', 'Rooms that are taken') },
];

/** Rooms, never names. */
const STAYS = z.array(z.strictObject({ stay: z.string(), room: z.string(), since: z.string(), nights: z.int(), guests: z.int() })).max(500);
type Stays = z.infer<typeof STAYS>;
const MOST = 400;

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const { id } = await desk.choose(WORDS.what, CHOICES);
  if (id === 'in') return checkIn(desk, settings);
  const stays = kept(desk);
  if (stays.length === 0) return desk.show(WORDS.empty);
  return id === 'out' ? checkOut(desk, stays) : desk.show(WORDS.house, stays.map(lineOf));
}

const kept = (desk: Desk): Stays => STAYS.safeParse(desk.kept()).data ?? [];

const lineOf = ({ room, since, nights, guests }: Stays[number]): Line => ({
  label: words(room, `Room ${room}`),
  value: words(`${since} 起 ${nights} 晚，${guests} 人`, `since ${since}, ${nights} nights, ${guests} guests`),
});

async function checkIn(desk: Desk, settings: Settings): Promise<void> {
  const before = kept(desk);
  if (before.length >= MOST) return desk.show(WORDS.full);
  const agreed = await desk.confirm(WORDS.consent, [
    { label: WORDS.told, value: WORDS.fields },
    { label: WORDS.to, value: WORDS.police },
  ]);
  if (!agreed) return desk.show(WORDS.declined);
  const guests = await party(desk);
  if (guests.length === 0) return desk.show(WORDS.declined);
  const { room, nights } = await agreedRoom(desk, settings, { guests, taken: before.map((one) => one.room) });

  const stay = await register(desk, guests, { room, nights });
  desk.keep([...before, { stay, room, since: localTime(desk.at.earliest).day, nights, guests: guests.length }]);
  const answer = await desk.ask(REGISTER, { stay, guests: guests.length });
  const acknowledgement = answer?.status === 'ok' ? REGISTERED.safeParse(answer.body).data?.acknowledgement : undefined;
  const lines: readonly Line[] = [
    { label: WORDS.roomNumber, value: room },
    { label: WORDS.nights, value: String(nights) },
    { label: WORDS.guests, value: String(guests.length) },
    { label: WORDS.number, value: stay },
    ...(acknowledgement === undefined ? [] : [{ label: WORDS.acknowledgement, value: acknowledgement }]),
  ];
  const said = acknowledgement === undefined ? WORDS.later : WORDS.done;
  await desk.print({ kind: 'slip', title: words(settings.hotel, settings.hotel), lines: [{ words: said }, { rule: true }, ...lines] });
  await desk.show(said, lines);
}

/** Asked until the staff says that it is right. */
async function agreedRoom(
  desk: Desk,
  { mostNights }: Settings,
  { guests, taken }: { readonly guests: readonly Guest[]; readonly taken: readonly string[] },
): Promise<{ readonly room: string; readonly nights: number }> {
  for (;;) {
    const { room = '', nights = '' } = await desk.fill(WORDS.room, [
      { id: 'room', label: WORDS.roomNumber, kind: 'text', longest: 10 },
      { id: 'nights', label: WORDS.nights, kind: 'number', least: 1, most: mostNights },
    ]);
    if (taken.includes(room)) {
      await desk.show(WORDS.occupied, [{ label: WORDS.roomNumber, value: room }]);
      continue;
    }
    const right = await desk.confirm(WORDS.right, [
      ...guests.flatMap(({ person }) => (person ? maskedLines(person) : [])).slice(0, 12),
      { label: WORDS.guests, value: String(guests.length) },
      { label: WORDS.roomNumber, value: room },
      { label: WORDS.nights, value: nights },
    ]);
    if (right) return { room, nights: Number(nights) };
  }
}

/** One sealed record a guest; the number of the first is the stay's. */
async function register(
  desk: Desk,
  guests: readonly Guest[],
  { room, nights }: { readonly room: string; readonly nights: number },
): Promise<string> {
  let stay: string | undefined;
  for (const { who, way, role, told } of guests) {
    const number = await desk.submit({
      kind: 'stay-guest',
      facts: { nights, guests: guests.length, role, way, ...(stay === undefined ? {} : { stay }) },
      ...(who && { of: who }),
      personal: { room, ...told },
    });
    stay ??= number;
  }
  return stay ?? '';
}

async function checkOut(desk: Desk, stays: Stays): Promise<void> {
  const chosen = await desk.choose(
    WORDS.which,
    stays.map((stay) => ({ id: stay.stay, label: words(stay.room, `Room ${stay.room}`), detail: lineOf(stay).value as Words, stay })),
  );
  const { stay } = chosen;
  if (!(await desk.confirm(WORDS.right, [lineOf(stay)]))) return;
  const number = await desk.submit({ kind: 'stay-left', facts: { stay: stay.stay, guests: stay.guests } });
  desk.keep(kept(desk).filter((one) => one.stay !== stay.stay));
  await desk.show(WORDS.left, [
    { label: WORDS.roomNumber, value: stay.room },
    { label: WORDS.number, value: number },
  ]);
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('住宿登记', 'Hotel registration'),
  words: WORDS,
  visit,
} satisfies DeskScene<Settings>;
