/** Who may go which way: groups by status lists, pick-up of pupils by a guardian, visitors (EDU-01). Pure. */
import { z } from 'zod';
import type { Facts, Situation } from '../contracts.js';
import { HOURS, openDuring } from '../messages/hours.js';
import { firstOf, type Refused, refuse } from './_refusals.js';

const list = z.string().regex(/^event\.[A-Za-z0-9_-]{1,64}$/, '须为 event.<编号> · event.<id>');

export const GROUP = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, '须为小写字母、数字、-，以字母开头 · a–z, 0–9, -, the first a letter')
    .describe('stands in the public entry'),
  list,
  directions: z
    .array(z.enum(['in', 'out']))
    .min(1)
    .max(2)
    .default(['in', 'out']),
  hours: HOURS.optional().describe('when they may come in; absent: whenever the gate is open'),
  leavesWith: list.optional().describe('pairs (guardian, pupil): out only just after the guardian, at the same station'),
  leavesAlone: HOURS.optional().describe('with leavesWith: when they may go out without a guardian, as after school'),
});
export type Group = z.infer<typeof GROUP>;

/** Which group lets this person through, as facts for the entry, or why none does. Someone of several groups uses the best. */
export function throughGroups(
  subject: string,
  situation: Situation,
  groups: readonly Group[],
): { readonly note: Facts } | Refused | undefined {
  const refusals: Refused[] = [];
  for (const group of groups) {
    if (!situation.listed(group.list, subject)) continue;
    const refused = groupRefusal(subject, situation, group);
    if (!refused) return { note: { group: group.name } };
    refusals.push(refused);
  }
  return firstOf(refusals);
}

function groupRefusal(subject: string, situation: Situation, group: Group): Refused | undefined {
  const about = { group: group.name };
  if (!group.directions.includes(situation.direction)) return refuse('not-entitled', 'other-way', about);
  if (situation.direction === 'out') return leavingRefusal(subject, situation, group);
  const open = group.hours ? openDuring(group.hours, situation.at) : 'open';
  if (open === 'open') return undefined;
  return open === 'unsure' ? refuse('clock-uncertain', 'hours', about) : refuse('not-entitled', 'hours', about);
}

function leavingRefusal(subject: string, situation: Situation, group: Group): Refused | undefined {
  const { at, previous } = situation;
  if (group.leavesWith === undefined) return undefined;
  if (previous && situation.listed(group.leavesWith, previous.subject, subject)) return undefined;
  const about = { group: group.name };
  const alone = group.leavesAlone ? openDuring(group.leavesAlone, at) : 'closed';
  if (alone === 'open') return undefined;
  if (alone === 'unsure') return refuse('clock-uncertain', 'hours', about);
  return refuse('not-entitled', previous ? 'not-their-guardian' : 'guardian-first', about);
}
