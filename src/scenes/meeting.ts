/**
 * Scene `meeting`: an organiser makes an event and its code, opens the door, closes it (MEET-01…03); who came stands on the organiser's page
 * (MEET-04). Works without a network.
 */
import { z } from 'zod';
import type { Choice, Desk, DeskScene, Heard, Meeting, Notice, Presented, Said, Signed, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { instantAt, LONGEST_TITLE } from '../messages/meeting.js';
import { signedAgain, signedIn, signedOut, WORDS } from './_meeting-words.js';

const SETTINGS = z.strictObject({
  keepDays: z.int().min(1).max(30).default(7).describe('who came is kept on this box, under pseudonyms, so many days after the end'),
});
type Settings = z.infer<typeof SETTINGS>;

const MINUTE = 60_000;
const DAY = 86_400_000;

const WHO: readonly (Choice & { readonly id: Meeting['who'] })[] = [
  { id: 'everyone', label: { zh: '所有人', en: 'Everyone' } },
  { id: 'list', label: { zh: '名单上的人', en: 'People on a list' } },
  { id: 'enterprises', label: { zh: '企业', en: 'Enterprises' } },
];

const DEEDS = [
  { id: 'door', label: { zh: '开门签到', en: 'Open the door' } },
  { id: 'code', label: { zh: '显示活动码', en: 'Show the code' } },
  { id: 'poster', label: { zh: '打印海报', en: 'Print a poster' } },
  { id: 'page', label: { zh: '组织者页面', en: 'Your page' } },
  { id: 'close', label: { zh: '结束活动', en: 'Close the meeting' } },
  { id: 'done', label: { zh: '完成', en: 'Done' } },
] as const satisfies readonly Choice[];

async function visit(desk: Desk, settings: Settings): Promise<void> {
  const organiser = await desk.staff('organiser');
  if (!organiser) return;
  const meeting = await chosen(desk, organiser, settings);
  if (!meeting) return desk.show(WORDS.full);
  for (;;) {
    const { id } = await desk.choose(WORDS.what, DEEDS);
    if (id === 'done') return;
    if (id === 'door') return door(desk, meeting);
    if (id === 'code') await code(desk, meeting);
    if (id === 'poster') await poster(desk, meeting);
    if (id === 'page') await desk.staffPage(WORDS.page);
    if (id === 'close' && (await closed(desk, meeting, organiser))) return;
  }
}

/** One that is there, or a new one; undefined: there are too many. */
async function chosen(desk: Desk, organiser: Presented, settings: Settings): Promise<Meeting | undefined> {
  const none: Choice & { readonly meeting?: Meeting } = { id: 'new', label: WORDS.new };
  const there = desk.meetings.all().map((meeting) => ({
    id: `meeting.${meeting.id}`,
    label: { zh: meeting.title, en: meeting.title },
    detail: { zh: `${timeOf(meeting)}，${meeting.place}`, en: meeting.place },
    meeting,
  }));
  const { meeting } = await desk.choose<typeof none>(WORDS.which, [none, ...there]);
  return meeting ?? made(desk, organiser, settings);
}

async function made(desk: Desk, organiser: Presented, { keepDays }: Settings): Promise<Meeting | undefined> {
  for (;;) {
    const { title = '', place = '' } = await desk.fill(WORDS.new, [
      { id: 'title', label: WORDS.title, kind: 'text', longest: LONGEST_TITLE },
      { id: 'place', label: WORDS.place, kind: 'text', longest: LONGEST_TITLE },
    ]);
    const times = await timesOf(desk);
    const { id: who } = await desk.choose(WORDS.who, WHO);
    const wanted = { title, place, ...times, who };
    if (!(await desk.confirm(WORDS.right, linesOf(wanted)))) continue;
    const meeting = desk.meetings.create(wanted, keepDays, organiser);
    if (meeting) await code(desk, meeting);
    return meeting;
  }
}

/** Not past. */
async function timesOf(desk: Desk): Promise<Pick<Meeting, 'from' | 'until'>> {
  for (let ask: Words = WORDS.when; ; ask = WORDS.past) {
    const {
      day = '',
      from = '',
      until = '',
    } = await desk.fill(ask, [
      { id: 'day', label: WORDS.day, kind: 'date' },
      { id: 'from', label: WORDS.from, kind: 'time' },
      { id: 'until', label: WORDS.until, kind: 'time' },
    ]);
    const times = spanOf(day, from, until);
    if (times.until > desk.at.earliest) return times;
  }
}

/** An end that is not after the beginning is of the next day. */
function spanOf(day: string, begins: string, ends: string): Pick<Meeting, 'from' | 'until'> {
  const [from, until] = [instantAt(day, begins), instantAt(day, ends)];
  return { from, until: until > from ? until : until + DAY };
}

const linesOf = (meeting: Omit<Meeting, 'id'>) => [
  { label: WORDS.title, value: meeting.title },
  { label: WORDS.place, value: meeting.place },
  { label: WORDS.time, value: timeOf(meeting) },
  { label: WORDS.who, value: WHO.find(({ id }) => id === meeting.who)?.label ?? '' },
];

function timeOf({ from, until }: Pick<Meeting, 'from' | 'until'>): string {
  const clock = (at: number): string => {
    const { minute } = localTime(at);
    return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  };
  return `${localTime(from).day} ${clock(from)}–${clock(until)}`;
}

const codeOf = (desk: Desk, { id, title, until }: Meeting) => desk.venueCode({ scene: 'meeting', event: id, title, until });

async function code(desk: Desk, meeting: Meeting): Promise<void> {
  const { picture } = await codeOf(desk, meeting);
  await desk.show(WORDS.code, linesOf(meeting).slice(0, 3), picture);
}

async function poster(desk: Desk, meeting: Meeting): Promise<void> {
  const { text } = await codeOf(desk, meeting);
  const paper = { kind: 'poster', title: WORDS.code, heading: meeting.title, lines: linesOf(meeting).slice(1, 3), code: text } as const;
  const printed = await desk.print(paper);
  await desk.show(printed === 'printed' ? WORDS.printed : printed === 'no-printer' ? WORDS.noPrinter : WORDS.notPrinted);
}

/** One scan each: colour at admission, then who may come, in, and out the next time. Open until the end, or until somebody leaves it. */
async function door(desk: Desk, { id, who, until }: Meeting): Promise<void> {
  desk.keepOpen(until + MINUTE);
  const firms = who === 'enterprises';
  for (let said: Said | undefined; ; ) {
    const came = await desk.identify(firms ? WORDS.doorFirm : WORDS.door, [firms ? 'enterprise' : 'person'], said);
    const signed = desk.meetings.sign(id, came);
    if (signed.does === 'refused' && signed.why === 'over') return desk.show(WORDS.over);
    said = saidOf(signed);
  }
}

function saidOf(signed: Signed): Said {
  if (signed.does === 'refused') return { words: signed.why === 'full' ? WORDS.crowded : WORDS[signed.why], good: false };
  const { does, number, minutes } = signed;
  return { words: does === 'in' ? signedIn(number) : does === 'out' ? signedOut(minutes) : signedAgain(number), good: true };
}

/** At the county's page; who it was is known there alone. */
function heard({ what, number }: Notice): Heard | undefined {
  if (what === 'meeting-in') return { said: { zh: `手机签到：${number}`, en: `Signed in by phone: ${number}` } };
  return what === 'meeting-out' ? { said: { zh: `手机签退：${number}`, en: `Signed out by phone: ${number}` } } : undefined;
}

async function closed(desk: Desk, meeting: Meeting, organiser: Presented): Promise<boolean> {
  const { came = 0, present = 0 } = desk.meetings.count(meeting.id) ?? {};
  const lines = [...linesOf(meeting).slice(0, 3), { label: WORDS.came, value: `${came} / ${present}` }];
  if (!(await desk.confirm(WORDS.sure, lines))) return false;
  desk.meetings.close(meeting.id, organiser);
  await desk.show(WORDS.closed, lines.slice(3));
  return true;
}

export default {
  accepts: ['person', 'enterprise'],
  settings: SETTINGS,
  title: { zh: '会议与活动', en: 'Meetings' },
  words: WORDS,
  visit,
  heard,
} satisfies DeskScene<Settings>;
