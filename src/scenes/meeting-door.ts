/** Scene `meeting-door`: a gate as the door of a meeting (MEET-02, 03): colour, who may come, in and out again, in one scan. */
import { z } from 'zod';
import type { Credential, Judgement, Meeting, Scene, Situation, Words } from '../contracts.js';
import { AGAIN_MS, AT_DOOR, type AtDoor, listOf, MEETING_ID, meetingsOf } from '../messages/meeting.js';
import { type Refused, refuse } from './_refusals.js';

const SETTINGS = z.strictObject({
  event: z.string().regex(MEETING_ID).optional().describe('whose door this is; absent: of whichever meeting is on, if it is the only one'),
  by: z.enum(['turns', 'direction']).default('turns').describe('turns: in, and out the next time; direction: as the reader stands'),
  early: z.int().min(0).max(720).default(60).describe('minutes before the beginning from which people may come in'),
});
type Settings = z.infer<typeof SETTINGS>;

const words = (zh: string, en: string): Words => ({ zh, en });

function judge({ subject }: Pick<Credential, 'subject'>, situation: Situation, settings: Settings): Judgement {
  const meeting = meetingAt(situation, settings);
  if ('refusal' in meeting) return meeting;
  const { id } = meeting;
  const before = atDoor(situation, id);
  const out = settings.by === 'direction' ? situation.direction === 'out' : before?.inside === true;
  const refused = out ? undefined : notInvited(subject, situation, meeting);
  if (refused) return refused;
  const at = Math.floor(situation.at.earliest / 1000);
  if (before?.at !== undefined && before.inside !== out && settings.by === 'direction')
    return refuse('already-used', before.inside ? 'inside' : 'outside');
  if (settings.by === 'turns' && before?.at !== undefined && at - before.at < AGAIN_MS / 1000) return refuse('already-used', 'again');
  const memory = { inside: !out, event: id, at } satisfies AtDoor;
  return { admit: true, note: { event: id, does: out ? 'out' : 'in', why: out ? 'goodbye' : 'welcome' }, passed: { memory } };
}

/** The clock must be sure that the meeting is on: a door that stands open too long is somebody else's evening. */
function meetingAt({ at, data }: Situation, { event, early }: Settings): Meeting | Refused {
  const all = meetingsOf(data('meetings')).filter(({ id }) => event === undefined || id === event);
  const on = all.filter(({ from, until }) => from - early * 60_000 <= at.earliest && at.earliest < until);
  const [only, another] = on;
  if (another) return refuse('out-of-order', 'several');
  if (only) return at.latest < only.until ? only : refuse('clock-uncertain', 'hours');
  return refuse('not-entitled', all.some(({ from }) => from > at.earliest) ? 'not-yet' : 'over');
}

function notInvited(subject: string, { listed }: Situation, { id, who }: Meeting): Refused | undefined {
  if (who === 'everyone') return undefined;
  if (who === 'enterprises') return refuse('not-entitled', 'at-desk', { event: id });
  return listed(listOf(id), subject) ? undefined : refuse('not-entitled', 'not-invited', { event: id });
}

/** Other doors of the site say who is inside, but not of which meeting: theirs is taken to be this one. */
function atDoor({ memory }: Situation, event: string): AtDoor | undefined {
  const known = AT_DOOR.safeParse(memory).data;
  return known === undefined || (known.event !== undefined && known.event !== event) ? undefined : known;
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('会议签到', 'Meeting'),
  words: {
    welcome: words('签到成功，欢迎参加', 'You are signed in, welcome'),
    goodbye: words('签退成功，再见', 'You are signed out, goodbye'),
    again: words('刚刚已登记，请通过', 'You were signed a moment ago; please go on'),
    inside: words('您已签到', 'You are signed in already'),
    outside: words('您已签退', 'You are signed out already'),
    several: words('同时有几场活动，请到工作人员处签到', 'Several meetings are on: please sign in with the staff'),
    'not-yet': words('还没有到签到时间', 'It is too early to sign in'),
    over: words('现在没有需要签到的活动', 'There is no meeting to sign in to'),
    hours: words('本机时间不确定，请到工作人员处签到', 'This terminal is not sure of the time: please sign in with the staff'),
    'not-invited': words('您不在参加名单上，请联系组织者', 'You are not on the list; please ask the organiser'),
    'at-desk': words('请在服务台出示企业码签到', 'Please sign in at the desk with the code of your enterprise'),
  },
  judge,
} satisfies Scene<Settings>;
