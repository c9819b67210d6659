/** Who may go in and out, as a table: one person at one gate, and what the gate must answer. */
export interface EntryCase {
  readonly name: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly direction?: 'in' | 'out';
  readonly at?: string;
  readonly unsure?: number;
  /** Lists this person is on; a pair is `list guardian`. */
  readonly lists?: readonly string[];
  readonly previous?: string;
  readonly memory?: { readonly inside: boolean };
  readonly inside?: number;
  /** `in` or `out`: admitted, with the note that follows; or the refusal and its `why`. */
  readonly expect: string;
  readonly note?: Readonly<Record<string, unknown>>;
  readonly passed?: Readonly<Record<string, unknown>>;
}

const WEEK = { hours: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '17:30' }] };
const NIGHT = { hours: [{ days: [5], from: '22:00', to: '06:00' }] };
const SCHOOL = {
  hours: [{ from: '06:30', to: '21:00' }],
  groups: [
    { name: 'staff', list: 'event.staff' },
    { name: 'guardians', list: 'event.guardians', hours: [{ from: '16:00', to: '18:00' }] },
    {
      name: 'pupils',
      list: 'event.pupils',
      hours: [{ days: [1, 2, 3, 4, 5], from: '07:00', to: '08:10' }],
      leavesWith: 'event.pick-up',
      leavesAlone: [{ days: [1, 2, 3, 4, 5], from: '16:30', to: '17:00' }],
    },
    { name: 'suppliers', list: 'event.suppliers', directions: ['in'] },
  ],
};
const school = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ ...SCHOOL, ...more });
const pupil = ['event.pupils'];

export const ENTRY_CASES: readonly EntryCase[] = [
  { name: 'without settings anybody goes in', expect: 'in', passed: { memory: { inside: true }, inside: 1 } },
  {
    name: 'without settings anybody goes out',
    direction: 'out',
    inside: 1,
    expect: 'out',
    passed: { memory: { inside: false }, inside: -1 },
  },
  { name: 'nobody is counted out below nobody', direction: 'out', inside: 0, expect: 'out', passed: { inside: 0 } },

  { name: 'open from the first minute', settings: WEEK, at: '08:00:00', expect: 'in' },
  { name: 'closed a second before', settings: WEEK, at: '07:59:59', expect: 'not-entitled closed' },
  { name: 'open in the last minute', settings: WEEK, at: '17:29:59', expect: 'in' },
  { name: 'closed at the end', settings: WEEK, at: '17:30:00', expect: 'not-entitled closed' },
  { name: 'closed on Sunday', settings: WEEK, at: '2026-03-08 10:00', expect: 'not-entitled closed' },
  { name: 'going out is never refused for the hour', settings: WEEK, at: '23:00', direction: 'out', expect: 'out' },
  { name: 'a night that begins on Friday is open on Saturday morning', settings: NIGHT, at: '2026-03-07 05:59', expect: 'in' },
  { name: 'and over at six', settings: NIGHT, at: '2026-03-07 06:00', expect: 'not-entitled closed' },
  { name: 'Friday morning is not that night', settings: NIGHT, at: '2026-03-06 05:00', expect: 'not-entitled closed' },
  {
    name: 'Sunday night reaches Monday',
    settings: { hours: [{ days: [7], from: '23:00', to: '01:00' }] },
    at: '2026-03-02 00:30',
    expect: 'in',
  },
  { name: 'a whole day', settings: { hours: [{ from: '00:00', to: '24:00' }] }, at: '23:59:59', expect: 'in' },
  { name: 'a clock unsure of the opening does not guess', settings: WEEK, at: '07:59:30', unsure: 60, expect: 'clock-uncertain hours' },
  { name: 'unsure, but open all the while', settings: WEEK, at: '10:00', unsure: 3600, expect: 'in' },
  { name: 'unsure, but closed all the while', settings: WEEK, at: '20:00', unsure: 3600, expect: 'not-entitled closed' },
  { name: 'unsure over a whole closed night', settings: WEEK, at: '20:00', unsure: 43_200, expect: 'clock-uncertain hours' },
  {
    name: 'a clock without an end is unsure of any hours',
    settings: WEEK,
    unsure: Number.POSITIVE_INFINITY,
    expect: 'clock-uncertain hours',
  },
  { name: 'but not of always', settings: { hours: [{ from: '00:00', to: '24:00' }] }, unsure: Number.POSITIVE_INFINITY, expect: 'in' },

  { name: 'in again while inside', memory: { inside: true }, expect: 'already-used inside' },
  { name: 'in again after leaving', memory: { inside: false }, expect: 'in' },
  {
    name: 'out after coming in',
    direction: 'out',
    memory: { inside: true },
    inside: 5,
    expect: 'out',
    passed: { memory: { inside: false }, inside: -1 },
  },
  {
    name: 'out while known outside is let go and noted',
    direction: 'out',
    memory: { inside: false },
    expect: 'out',
    note: { unmatched: true },
  },
  { name: 'out with nothing known is nothing strange', direction: 'out', expect: 'out', note: {} },
  {
    name: 'hard: out while known outside is refused',
    settings: { antiPassback: 'hard' },
    direction: 'out',
    memory: { inside: false },
    expect: 'already-used outside',
  },
  { name: 'hard: out with nothing known is let go', settings: { antiPassback: 'hard' }, direction: 'out', expect: 'out' },
  { name: 'hard: in again is refused', settings: { antiPassback: 'hard' }, memory: { inside: true }, expect: 'already-used inside' },
  {
    name: 'off: in again and again, nothing remembered',
    settings: { antiPassback: 'off' },
    memory: { inside: true },
    expect: 'in',
    passed: { inside: 1 },
  },
  {
    name: 'off: out while outside',
    settings: { antiPassback: 'off' },
    direction: 'out',
    memory: { inside: false },
    expect: 'out',
    note: {},
  },

  { name: 'the last place', settings: { limit: 10 }, inside: 9, expect: 'in' },
  { name: 'full', settings: { limit: 10 }, inside: 10, expect: 'occupied full' },
  { name: 'more than full', settings: { limit: 10 }, inside: 11, expect: 'occupied full' },
  { name: 'out of a full house', settings: { limit: 10 }, inside: 10, direction: 'out', expect: 'out' },
  {
    name: 'inside and full: the word is inside',
    settings: { limit: 1 },
    inside: 1,
    memory: { inside: true },
    expect: 'already-used inside',
  },
  { name: 'closed and full: the word is closed', settings: { ...WEEK, limit: 1 }, inside: 1, at: '20:00', expect: 'not-entitled closed' },
  {
    name: 'unsure and inside: the word is the clock',
    settings: WEEK,
    at: '07:59:30',
    unsure: 60,
    memory: { inside: true },
    expect: 'clock-uncertain hours',
  },

  {
    name: 'school: staff at any hour of the gate',
    settings: school(),
    lists: ['event.staff'],
    at: '06:30',
    expect: 'in',
    note: { group: 'staff' },
  },
  { name: 'school: staff not at night', settings: school(), lists: ['event.staff'], at: '23:00', expect: 'not-entitled closed' },
  { name: 'school: pupils in the morning', settings: school(), lists: pupil, at: '07:30', expect: 'in', note: { group: 'pupils' } },
  {
    name: 'school: pupils not too late',
    settings: school(),
    lists: pupil,
    at: '08:10',
    expect: 'not-entitled hours',
    note: { group: 'pupils' },
  },
  {
    name: 'school: a visitor is sent to the staff',
    settings: school(),
    at: '10:00',
    expect: 'not-entitled ask-staff',
    note: { group: 'visitor' },
  },
  { name: 'school: no visitors', settings: school({ visitors: 'refuse' }), at: '10:00', expect: 'not-entitled no-visitors' },
  { name: 'school: open day', settings: school({ visitors: 'admit' }), at: '10:00', expect: 'in', note: { group: 'visitor' } },
  {
    name: 'school: a guardian at pick-up time',
    settings: school(),
    lists: ['event.guardians'],
    at: '16:00',
    expect: 'in',
    note: { group: 'guardians' },
  },
  { name: 'school: a guardian in the morning', settings: school(), lists: ['event.guardians'], at: '10:00', expect: 'not-entitled hours' },
  {
    name: 'school: a teacher who is a guardian too',
    settings: school(),
    lists: ['event.guardians', 'event.staff'],
    at: '10:00',
    expect: 'in',
    note: { group: 'staff' },
  },
  { name: 'school: suppliers go in here', settings: school(), lists: ['event.suppliers'], at: '10:00', expect: 'in' },
  {
    name: 'school: and out elsewhere',
    settings: school(),
    lists: ['event.suppliers'],
    direction: 'out',
    at: '10:00',
    expect: 'not-entitled other-way',
  },
  {
    name: 'pick-up: a pupil alone during lessons',
    settings: school(),
    lists: pupil,
    direction: 'out',
    at: '10:00',
    expect: 'not-entitled guardian-first',
  },
  {
    name: 'pick-up: with the guardian',
    settings: school(),
    lists: [...pupil, 'event.pick-up mother'],
    previous: 'mother',
    direction: 'out',
    at: '10:00',
    expect: 'out',
    note: { group: 'pupils' },
  },
  {
    name: 'pick-up: with a stranger',
    settings: school(),
    lists: [...pupil, 'event.pick-up mother'],
    previous: 'stranger',
    direction: 'out',
    at: '10:00',
    expect: 'not-entitled not-their-guardian',
  },
  {
    name: 'pick-up: with somebody else’s guardian',
    settings: school(),
    lists: pupil,
    previous: 'mother',
    direction: 'out',
    at: '10:00',
    expect: 'not-entitled not-their-guardian',
  },
  {
    name: 'pick-up: the order of the pair counts',
    settings: school(),
    lists: [...pupil, 'event.pick-up mother'],
    previous: 'event.pick-up',
    direction: 'out',
    at: '10:00',
    expect: 'not-entitled not-their-guardian',
  },
  { name: 'pick-up: alone after school', settings: school(), lists: pupil, direction: 'out', at: '16:45', expect: 'out' },
  {
    name: 'pick-up: with a stranger before, but after school',
    settings: school(),
    lists: pupil,
    previous: 'stranger',
    direction: 'out',
    at: '16:45',
    expect: 'out',
  },
  {
    name: 'pick-up: unsure whether school is over',
    settings: school(),
    lists: pupil,
    direction: 'out',
    at: '16:29',
    unsure: 120,
    expect: 'clock-uncertain hours',
  },
  {
    name: 'pick-up: unsure, but the guardian is there',
    settings: school(),
    lists: [...pupil, 'event.pick-up mother'],
    previous: 'mother',
    direction: 'out',
    at: '16:29',
    unsure: 120,
    expect: 'out',
  },
  {
    name: 'pick-up: no visitor’s way out for somebody unknown',
    settings: school(),
    direction: 'out',
    at: '10:00',
    expect: 'not-entitled ask-staff',
  },
];

export const WRONG_ENTRY_SETTINGS: readonly (readonly [string, unknown])[] = [
  ['a limit of nobody', { limit: 0 }],
  ['half a person', { limit: 1.5 }],
  ['an eighth day', { hours: [{ days: [8], from: '08:00', to: '09:00' }] }],
  ['hours of no length', { hours: [{ from: '08:00', to: '08:00' }] }],
  ['no hours at all', { hours: [] }],
  ['a list that is not an event', { groups: [{ name: 'pupils', list: 'colour.red' }] }],
  [
    'two groups with one name',
    {
      groups: [
        { name: 'a', list: 'event.a' },
        { name: 'a', list: 'event.b' },
      ],
    },
  ],
  ['a word nobody knows', { antipassback: 'hard' }],
];
