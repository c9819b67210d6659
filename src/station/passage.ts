/** The cycle of a gate as a table: what is commanded, what counts as a passage, what is an alarm. Pure. */
import type { Direction, Passage } from '../contracts.js';

/**
 * `overdue`: the time is up and the door stands open, so somebody is still on the way. `settling`: just after a passage, when a
 * second person behind the first is a tailgate. `suspended`: fire, free or locked.
 */
export type Phase = 'idle' | 'released' | 'overdue' | 'settling' | 'suspended';

export interface CycleState {
  readonly phase: Phase;
  /** The way that was released. */
  readonly direction: Direction | undefined;
  /** Does the gate see passages? If not, a release ends as `unobserved`. */
  readonly senses: boolean;
  /** The door contact says open. */
  readonly open: boolean;
}

export type CycleEvent =
  | { readonly event: 'release'; readonly direction: Direction }
  | { readonly event: 'passed'; readonly direction: Direction }
  | { readonly event: 'opened' | 'closed' | 'fault' }
  /** Timers that an effect started. */
  | { readonly event: 'waited' | 'settled' | 'held' }
  | { readonly event: 'suspend' | 'resume' };

export type Alarm = 'forced' | 'tailgate' | 'held-open' | 'gate-fault';
export type Timer = 'passage' | 'settle' | 'held';

export type Effect =
  | { readonly do: 'release'; readonly direction: Direction }
  | { readonly do: 'lock' }
  | { readonly do: 'end'; readonly passage: Passage }
  | { readonly do: 'alarm'; readonly alarm: Alarm }
  | { readonly do: 'start' | 'cancel'; readonly timer: Timer };

interface Row {
  readonly to: Phase;
  readonly effects: readonly Effect[];
}

type Rows = Readonly<Record<CycleEvent['event'], (state: CycleState, event: CycleEvent) => Row>>;

const LOCK: Effect = { do: 'lock' };
const start = (timer: Timer): Effect => ({ do: 'start', timer });
const cancel = (timer: Timer): Effect => ({ do: 'cancel', timer });
const alarm = (word: Alarm): Effect => ({ do: 'alarm', alarm: word });
const end = (passage: Passage): Effect => ({ do: 'end', passage });

const stay =
  (...effects: readonly Effect[]): Rows[keyof Rows] =>
  ({ phase }) => ({ to: phase, effects });
const go =
  (to: Phase, ...effects: readonly Effect[]): Rows[keyof Rows] =>
  () => ({ to, effects });

const release: Rows['release'] = (_, event) =>
  'direction' in event
    ? { to: 'released', effects: [cancel('settle'), { do: 'release', direction: event.direction }, start('passage')] }
    : { to: 'idle', effects: [] };

const isOther = (state: CycleState, event: CycleEvent): boolean => 'direction' in event && event.direction !== state.direction;

/** Whoever sees nothing of the passage lets the next person come at once, and does not call a late opening of the door forced. */
const waited: Rows['waited'] = ({ senses, open }) => {
  // Anew, because the time of a door that stood open before has run out already: a lane waits for nobody without an end.
  if (open) return { to: 'overdue', effects: [start('held')] };
  return senses
    ? { to: 'idle', effects: [LOCK, end('not-taken')] }
    : { to: 'settling', effects: [LOCK, start('settle'), end('unobserved')] };
};

const passedWhileReleased: Rows['passed'] = (state, event) => {
  if (isOther(state, event)) return { to: 'idle', effects: [cancel('passage'), LOCK, alarm('forced'), end('forced')] };
  return { to: 'settling', effects: [cancel('passage'), LOCK, start('settle'), end('passed')] };
};

/** A door that is opened in the released phase is being used; in any other phase somebody forced it. */
const TABLE: Readonly<Record<Phase, Rows>> = {
  idle: {
    release,
    passed: stay(alarm('forced')),
    opened: stay(alarm('forced'), start('held')),
    closed: stay(cancel('held')),
    fault: stay(alarm('gate-fault')),
    waited: stay(),
    settled: stay(),
    held: stay(alarm('held-open')),
    suspend: go('suspended', cancel('held')),
    resume: stay(),
  },
  released: {
    release: stay(),
    passed: passedWhileReleased,
    opened: stay(start('held')),
    closed: stay(cancel('held')),
    fault: go('idle', cancel('passage'), LOCK, alarm('gate-fault'), end('fault')),
    waited,
    settled: stay(),
    held: stay(alarm('held-open')),
    suspend: go('suspended', cancel('passage'), cancel('held'), end('unobserved')),
    resume: stay(),
  },
  overdue: {
    release: stay(),
    passed: passedWhileReleased,
    opened: stay(),
    closed: ({ senses }) => ({ to: 'idle', effects: [cancel('held'), LOCK, end(senses ? 'not-taken' : 'unobserved')] }),
    fault: go('idle', LOCK, alarm('gate-fault'), end('fault')),
    waited: stay(),
    settled: stay(),
    held: go('idle', LOCK, alarm('held-open'), end('held-open')),
    suspend: go('suspended', cancel('held'), end('unobserved')),
    resume: stay(),
  },
  settling: {
    release,
    passed: (state, event) => ({ to: 'settling', effects: [alarm(isOther(state, event) ? 'forced' : 'tailgate')] }),
    opened: stay(start('held')),
    closed: stay(cancel('held')),
    fault: go('idle', cancel('settle'), alarm('gate-fault')),
    waited: stay(),
    settled: go('idle'),
    held: stay(alarm('held-open')),
    suspend: go('suspended', cancel('settle'), cancel('held')),
    resume: stay(),
  },
  suspended: {
    release: stay(end('unobserved')),
    passed: stay(),
    opened: stay(),
    closed: stay(),
    fault: stay(alarm('gate-fault')),
    waited: stay(),
    settled: stay(),
    held: stay(),
    suspend: stay(),
    resume: go('idle'),
  },
};

export function initialState(senses: boolean): CycleState {
  return { phase: 'idle', direction: undefined, senses, open: false };
}

export function step(state: CycleState, event: CycleEvent): { readonly state: CycleState; readonly effects: readonly Effect[] } {
  const { to, effects } = TABLE[state.phase][event.event](state, event);
  const released = effects.find((effect) => effect.do === 'release');
  const direction = released ? released.direction : to === 'idle' || to === 'suspended' ? undefined : state.direction;
  const open = event.event === 'opened' || (event.event !== 'closed' && state.open);
  return { state: { ...state, phase: to, direction, open }, effects };
}
