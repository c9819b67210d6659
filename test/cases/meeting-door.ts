/** Who is let through the door of a meeting, as a table: what is on, who holds up a code, and what must come of it. */
export interface DoorCase {
  readonly name: string;
  /** Local time of Asia/Shanghai on 2026-03-02. */
  readonly at: string;
  /** Seconds by which the clock may be ahead of that. */
  readonly unsure?: number;
  readonly direction?: 'in' | 'out';
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Ids of meetings that are published: `open`, `listed`, `firms` from 09:00 to 11:00, `later` from 14:00 to 16:00. */
  readonly meetings?: readonly string[];
  /** Lists that the person is on. */
  readonly lists?: readonly string[];
  readonly memory?: unknown;
  /** `in <event>`, `out <event>`, or the refusal and why. */
  readonly expect: string;
}

const at = (text: string): number => Date.parse(`2026-03-02T${text}:00+08:00`) / 1000;
const inside = (event: string, text = '09:00') => ({ inside: true, event, at: at(text) });
const outside = (event: string, text = '09:30') => ({ inside: false, event, at: at(text) });

export const DOOR_CASES: readonly DoorCase[] = [
  { name: 'everybody may come, and comes in first', at: '09:00', expect: 'in open' },
  { name: 'who is inside goes out the next time', at: '10:00', memory: inside('open'), expect: 'out open' },
  { name: 'and in again', at: '10:00', memory: outside('open'), expect: 'in open' },
  { name: 'an hour before the beginning the door is open', at: '08:00', expect: 'in open' },
  { name: 'before that it is not', at: '07:59', expect: 'not-entitled not-yet' },
  { name: 'as early as the door is set to', at: '08:50', settings: { early: 10 }, expect: 'in open' },
  { name: 'earlier than the door is set to', at: '08:49', settings: { early: 10 }, expect: 'not-entitled not-yet' },
  { name: 'at the end it is over', at: '11:00', expect: 'not-entitled over' },
  { name: 'nobody guesses whether it is over', at: '10:59', unsure: 120, expect: 'clock-uncertain hours' },
  {
    name: 'without an upper bound of the time nobody comes in',
    at: '10:00',
    unsure: Number.POSITIVE_INFINITY,
    expect: 'clock-uncertain hours',
  },
  { name: 'no meeting at all', at: '10:00', meetings: [], expect: 'not-entitled over' },
  { name: 'a door of another meeting', at: '10:00', settings: { event: 'spring' }, expect: 'not-entitled over' },
  { name: 'two at once, and the door does not say whose it is', at: '10:00', meetings: ['open', 'listed'], expect: 'out-of-order several' },
  {
    name: 'two at once, and the door says whose it is',
    at: '10:00',
    meetings: ['open', 'listed'],
    settings: { event: 'open' },
    expect: 'in open',
  },
  { name: 'the next one does not disturb', at: '10:00', meetings: ['open', 'later'], expect: 'in open' },
  { name: 'on the list', at: '10:00', meetings: ['listed'], lists: ['event.listed'], expect: 'in listed' },
  { name: 'on no list', at: '10:00', meetings: ['listed'], expect: 'not-entitled not-invited' },
  { name: 'on the list of another meeting', at: '10:00', meetings: ['listed'], lists: ['event.open'], expect: 'not-entitled not-invited' },
  {
    name: 'who was taken off the list may still go out',
    at: '10:00',
    meetings: ['listed'],
    memory: inside('listed'),
    expect: 'out listed',
  },
  { name: 'enterprises sign in at the desk', at: '10:00', meetings: ['firms'], expect: 'not-entitled at-desk' },
  {
    name: 'a phone held up too long signs nobody out',
    at: '09:00',
    memory: { inside: true, event: 'open', at: at('09:00') - 5 },
    expect: 'already-used again',
  },
  { name: 'ten seconds later it does', at: '09:00', memory: { inside: true, event: 'open', at: at('09:00') - 10 }, expect: 'out open' },
  { name: 'inside another meeting is not inside this one', at: '10:00', memory: inside('other'), expect: 'in open' },
  { name: 'another door of the site saw them come in', at: '10:00', memory: { inside: true }, expect: 'out open' },
  { name: 'another door of the site saw them go', at: '10:00', memory: { inside: false }, expect: 'in open' },
  { name: 'memory that makes no sense is none', at: '10:00', memory: [7], expect: 'in open' },
  { name: 'by direction: the way in', at: '10:00', settings: { by: 'direction' }, expect: 'in open' },
  {
    name: 'by direction: the way out',
    at: '10:00',
    settings: { by: 'direction' },
    direction: 'out',
    memory: inside('open'),
    expect: 'out open',
  },
  { name: 'by direction: in twice', at: '10:00', settings: { by: 'direction' }, memory: inside('open'), expect: 'already-used inside' },
  {
    name: 'by direction: out twice',
    at: '10:00',
    settings: { by: 'direction' },
    direction: 'out',
    memory: outside('open'),
    expect: 'already-used outside',
  },
  {
    name: 'by direction: out without having been seen coming in',
    at: '10:00',
    settings: { by: 'direction' },
    direction: 'out',
    expect: 'out open',
  },
  { name: 'by turns the reader’s direction does not count', at: '10:00', direction: 'out', expect: 'in open' },
];

export const WRONG_DOOR_SETTINGS: readonly unknown[] = [
  { event: '' },
  { event: 'a b' },
  { event: 'x'.repeat(41) },
  { by: 'hand' },
  { early: -1 },
  { early: 721 },
  { list: 'event.x' },
];
