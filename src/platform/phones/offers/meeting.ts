/** Scene `meeting`: somebody signs in to an event or out of it (MEET-02), as far as the county knows who may come. */
import type { Facts } from '../../../contracts.js';
import { decodeBase64Url } from '../../../crypto/base-n.js';
import { decodeCbor } from '../../../crypto/cbor.js';
import { listOf, meetingsOf } from '../../../messages/meeting.js';
import type { CountyStore } from '../../store.js';
import { type Filling, type Offer, words } from '../_offer.js';

const DOES = [
  { id: 'in', label: words('签到', 'Sign in') },
  { id: 'out', label: words('签退', 'Sign out') },
];
const AT_DOOR = words('请在门口签到', 'Please sign in at the door');

interface Known {
  readonly title: string;
  readonly place: string;
  readonly who: unknown;
  readonly closed: boolean;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Of the entry that made it, or of the signed meetings. */
async function meetingOf(store: CountyStore, event: string): Promise<Known | undefined> {
  const of = (facts: Facts): boolean => facts['event'] === event;
  const made = (await store.recorded({ kind: 'meeting-event' })).find(({ facts }) => of(facts))?.facts;
  const closed = (await store.recorded({ kind: 'meeting-closed' })).some(({ facts }) => of(facts));
  if (made) return { title: textOf(made['title']), place: textOf(made['place']), who: made['who'], closed };
  const bytes = (await store.data()).get('meetings');
  const published = bytes && meetingsOf(decodeCbor(bytes)).find(({ id }) => id === event);
  return published && { ...published, closed };
}

async function mayCome(store: CountyStore, { who }: Known, event: string, subject: string): Promise<boolean> {
  if (who === 'everyone') return true;
  const token = decodeBase64Url(subject);
  return who === 'list' && token !== undefined && store.isMember(listOf(event), token);
}

export default {
  async form({ store, claims: { event = '' } }) {
    const meeting = await meetingOf(store, event);
    // Who may come is not known either.
    if (!meeting)
      return {
        closed: words(`县平台还没有收到这个活动，${AT_DOOR.zh}`, 'The county has not heard of this event yet: please sign in at the door'),
      };
    if (meeting.closed) return { closed: words('活动已结束', 'This event is over') };
    if (meeting.who === 'enterprises')
      return {
        closed: words(`本活动凭企业码参加，${AT_DOOR.zh}`, 'This event is for enterprises: please show the enterprise’s code at the door'),
      };
    return {
      heading: words('活动签到', 'Sign in to an event'),
      lines: [
        { label: words('名称', 'Title'), value: meeting.title },
        { label: words('地点', 'Place'), value: meeting.place },
      ],
      blanks: [{ id: 'does', label: words('签到还是签退？', 'In or out?'), kind: 'choice', optional: false, choices: DOES }],
    };
  },
  async registration({ store, claims: { event = '' }, subject, values }: Filling) {
    const meeting = await meetingOf(store, event);
    if (!meeting || !(await mayCome(store, meeting, event, subject)))
      return { refused: words(`您不在县平台的名单上，${AT_DOOR.zh}`, 'You are not on the county’s list: please sign in at the door') };
    const before = (await store.recorded({ kind: 'meeting', subject })).filter(({ facts }) => facts['event'] === event);
    const last = before.findLast(({ facts }) => facts['does'] === 'in' || facts['does'] === 'out')?.facts['does'];
    const does = values['does'] === 'out' ? 'out' : 'in';
    if (does === 'in' && last === 'in') return { refused: words('您已经签到了', 'You have signed in already') };
    if (does === 'out' && last !== 'in') return { refused: words('您还没有签到', 'You have not signed in yet') };
    return {
      kind: 'meeting',
      facts: { event, does },
      personal: null,
      notice: { event, what: `meeting-${does}`, quantity: does === 'in' && last === undefined ? 1 : 0 },
      done: does === 'in' ? words('签到成功', 'Signed in') : words('签退成功', 'Signed out'),
      lines: [{ label: words('名称', 'Title'), value: meeting.title }],
    };
  },
} satisfies Offer;
