/** Scene `entry`: the gate of a hospital, a school, any building (MED-01, EDU-01). */
import { z } from 'zod';
import type { Facts, Json, Judgement, Scene, Situation, Words } from '../contracts.js';
import { HOURS, openDuring } from '../messages/hours.js';
import { GROUP, throughGroups } from './_groups.js';
import { firstOf, type Refused, refuse } from './_refusals.js';

const SETTINGS = z
  .strictObject({
    hours: HOURS.optional().describe('when people may come in; going out is never refused for the hour'),
    antiPassback: z
      .enum(['off', 'soft', 'hard'])
      .default('soft')
      .describe('soft: not in again while inside; hard: also not out again while outside; off: nothing is remembered of a person'),
    limit: z.int().min(1).max(1_000_000).optional().describe('people inside; going out is never refused for it'),
    groups: z.array(GROUP).max(32).default([]),
    visitors: z
      .enum(['admit', 'staff', 'refuse'])
      .optional()
      .describe('who is in no group; absent: admit where there are no groups, else staff'),
  })
  .refine(({ groups }) => new Set(groups.map(({ name }) => name)).size === groups.length, {
    path: ['groups'],
    message: '两个组同名 · two groups with one name',
  });

type Settings = z.infer<typeof SETTINGS>;

const words = (zh: string, en: string): Words => ({ zh, en });

function judge({ subject }: { readonly subject: string }, situation: Situation, settings: Settings): Judgement {
  const group = throughGroups(subject, situation, settings.groups) ?? visitor(settings);
  const refused = firstOf([
    closed(situation, settings),
    passedBack(situation, settings),
    'admit' in group ? group : undefined,
    full(situation, settings),
  ]);
  if (refused) return refused;
  const note = { ...('note' in group && group.note), ...(isUnmatched(situation, settings) && { unmatched: true }) };
  return { admit: true, ...(Object.keys(note).length > 0 && { note }), passed: passed(situation, settings) };
}

function visitor({ groups, visitors }: Settings): { readonly note: Facts } | Refused {
  const policy = visitors ?? (groups.length === 0 ? 'admit' : 'staff');
  if (policy === 'admit') return { note: groups.length === 0 ? {} : { group: 'visitor' } };
  return refuse('not-entitled', policy === 'staff' ? 'ask-staff' : 'no-visitors', { group: 'visitor' });
}

function closed({ direction, at }: Situation, { hours }: Settings): Refused | undefined {
  if (direction === 'out' || !hours) return undefined;
  const open = openDuring(hours, at);
  if (open === 'open') return undefined;
  return open === 'unsure' ? refuse('clock-uncertain', 'hours') : refuse('not-entitled', 'closed');
}

function passedBack({ direction, memory }: Situation, { antiPassback }: Settings): Refused | undefined {
  const inside = isInside(memory);
  if (direction === 'in' && antiPassback !== 'off' && inside === true) return refuse('already-used', 'inside');
  if (direction === 'out' && antiPassback === 'hard' && inside === false) return refuse('already-used', 'outside');
  return undefined;
}

function full({ direction, inside }: Situation, { limit }: Settings): Refused | undefined {
  return direction === 'in' && limit !== undefined && inside >= limit ? refuse('occupied', 'full') : undefined;
}

/** Out, although the last passage seen was out too: somebody came in behind another. */
function isUnmatched({ direction, memory }: Situation, { antiPassback }: Settings): boolean {
  return direction === 'out' && antiPassback !== 'off' && isInside(memory) === false;
}

/** Who left without having been counted in is not counted out below nobody. */
function passed({ direction, inside }: Situation, { antiPassback }: Settings): { memory?: Json; inside: number } {
  const counted = direction === 'in' ? 1 : inside > 0 ? -1 : 0;
  return { ...(antiPassback !== 'off' && { memory: { inside: direction === 'in' } }), inside: counted };
}

/** undefined: nothing known since 04:00. */
function isInside(memory: Json | undefined): boolean | undefined {
  if (typeof memory !== 'object' || memory === null || Array.isArray(memory)) return undefined;
  const { inside } = memory as { readonly inside?: Json };
  return typeof inside === 'boolean' ? inside : undefined;
}

export default {
  accepts: ['person'],
  settings: SETTINGS,
  title: words('进出核验', 'Entry and exit'),
  words: {
    closed: words('现在不在开放时间', 'It is not open at this hour'),
    hours: words('现在不在您可以进出的时间', 'You may not pass at this hour'),
    inside: words('记录显示您已在内，请联系工作人员', 'You are already inside; please ask a member of staff'),
    outside: words('记录显示您已离开，请联系工作人员', 'You have already left; please ask a member of staff'),
    full: words('里面人数已满，请稍候', 'It is full inside, please wait'),
    'other-way': words('这个通道您只能单向通行', 'You may pass here only the other way'),
    'ask-staff': words('访客请到值班室登记', 'Visitors, please register with the staff'),
    'no-visitors': words('这里不对访客开放', 'Visitors are not admitted here'),
    'guardian-first': words('请家长先出示安康码，学生随后', 'The guardian shows the code first, then the pupil'),
    'not-their-guardian': words(
      '刚才出示的人不在接送名单上，请联系老师',
      'The person before is not on the pick-up list; please ask a teacher',
    ),
    unmatched: words('没有您的进入记录，已放行', 'No record of your coming in; you may leave'),
  },
  judge,
} satisfies Scene<Settings>;
