/** The cycle of a gate: every phase with every event, days at a gate as sequences, and what must hold for any of them. */
import * as fc from 'fast-check';
import t from 'tap';
import { type CycleEvent, type CycleState, type Effect, initialState, type Phase, step } from '../src/station/passage.js';

const PHASES: readonly Phase[] = ['idle', 'released', 'settling', 'suspended'];

const EVENTS: Readonly<Record<string, CycleEvent>> = {
  release: { event: 'release', direction: 'in' },
  'passed in': { event: 'passed', direction: 'in' },
  'passed out': { event: 'passed', direction: 'out' },
  opened: { event: 'opened' },
  closed: { event: 'closed' },
  fault: { event: 'fault' },
  waited: { event: 'waited' },
  settled: { event: 'settled' },
  held: { event: 'held' },
  suspend: { event: 'suspend' },
  resume: { event: 'resume' },
};

const GRANT = 'cancel settle, release in, start passage';

/** Released inwards, at a gate that sees passages: next phase, then what is done. */
const EXPECTED: Readonly<Record<Phase, Readonly<Record<string, string>>>> = {
  idle: {
    release: `released: ${GRANT}`,
    'passed in': 'idle: alarm forced',
    'passed out': 'idle: alarm forced',
    opened: 'idle: alarm forced, start held',
    closed: 'idle: cancel held',
    fault: 'idle: alarm gate-fault',
    waited: 'idle:',
    settled: 'idle:',
    held: 'idle: alarm held-open',
    suspend: 'suspended: cancel held',
    resume: 'idle:',
  },
  released: {
    release: 'released:',
    'passed in': 'settling: cancel passage, lock, start settle, end passed',
    'passed out': 'idle: cancel passage, lock, alarm forced, end forced',
    opened: 'released: start held',
    closed: 'released: cancel held',
    fault: 'idle: cancel passage, lock, alarm gate-fault, end fault',
    waited: 'idle: lock, end not-taken',
    settled: 'released:',
    held: 'released: alarm held-open',
    suspend: 'suspended: cancel passage, cancel held, end unobserved',
    resume: 'released:',
  },
  overdue: {
    release: 'overdue:',
    'passed in': 'settling: cancel passage, lock, start settle, end passed',
    'passed out': 'idle: cancel passage, lock, alarm forced, end forced',
    opened: 'overdue:',
    closed: 'idle: cancel held, lock, end not-taken',
    fault: 'idle: lock, alarm gate-fault, end fault',
    waited: 'overdue:',
    settled: 'overdue:',
    held: 'idle: lock, alarm held-open, end held-open',
    suspend: 'suspended: cancel held, end unobserved',
    resume: 'overdue:',
  },
  settling: {
    release: `released: ${GRANT}`,
    'passed in': 'settling: alarm tailgate',
    'passed out': 'settling: alarm forced',
    opened: 'settling: start held',
    closed: 'settling: cancel held',
    fault: 'idle: cancel settle, alarm gate-fault',
    waited: 'settling:',
    settled: 'idle:',
    held: 'settling: alarm held-open',
    suspend: 'suspended: cancel settle, cancel held',
    resume: 'settling:',
  },
  suspended: {
    release: 'suspended: end unobserved',
    'passed in': 'suspended:',
    'passed out': 'suspended:',
    opened: 'suspended:',
    closed: 'suspended:',
    fault: 'suspended: alarm gate-fault',
    waited: 'suspended:',
    settled: 'suspended:',
    held: 'suspended:',
    suspend: 'suspended:',
    resume: 'idle:',
  },
};

function say(effect: Effect): string {
  switch (effect.do) {
    case 'release':
      return `release ${effect.direction}`;
    case 'lock':
      return 'lock';
    case 'end':
      return `end ${effect.passage}`;
    case 'alarm':
      return `alarm ${effect.alarm}`;
    case 'start':
    case 'cancel':
      return `${effect.do} ${effect.timer}`;
  }
}

function at(phase: Phase, senses = true): CycleState {
  const known = phase === 'released' || phase === 'overdue' || phase === 'settling';
  return { phase, direction: known ? 'in' : undefined, senses, open: phase === 'overdue' };
}

function event(name: string): CycleEvent {
  const found = EVENTS[name];
  if (!found) throw new Error(`no event ${name}`);
  return found;
}

/** All that is done in a row of events; `release out` and the like name a direction. */
function play(names: readonly string[], senses = true): { readonly done: string; readonly state: CycleState } {
  let state = initialState(senses);
  const done: string[] = [];
  for (const name of names) {
    const next = step(state, name === 'release out' ? { event: 'release', direction: 'out' } : event(name));
    state = next.state;
    done.push(...next.effects.filter((one) => one.do !== 'start' && one.do !== 'cancel').map(say));
  }
  return { done: done.join(', '), state };
}

t.test('every phase answers every event', (t) => {
  for (const phase of PHASES) {
    t.same(Object.keys(EXPECTED[phase]), Object.keys(EVENTS), `${phase} is written down whole`);
    for (const [name, wanted] of Object.entries(EXPECTED[phase])) {
      const { state, effects } = step(at(phase), event(name));
      t.equal(`${state.phase}: ${effects.map(say).join(', ')}`.trimEnd(), wanted, `${phase}, ${name}`);
      t.equal(
        state.direction === undefined,
        state.phase === 'idle' || state.phase === 'suspended',
        `${phase}, ${name}: a direction as long as it matters`,
      );
    }
  }
  t.end();
});

t.test('a gate without sensors differs only in how a release ends', (t) => {
  for (const phase of PHASES) {
    for (const name of Object.keys(EVENTS)) {
      const blind = step(at(phase, false), event(name)).effects.map(say);
      const seeing = step(at(phase), event(name)).effects.map(say);
      const isLate = phase === 'released' && name === 'waited';
      const wanted = isLate
        ? ['lock', 'start settle', 'end unobserved']
        : seeing.map((word) => (word === 'end not-taken' ? 'end unobserved' : word));
      t.same(blind, wanted, `${phase}, ${name}`);
    }
  }
  t.end();
});

const DAYS: readonly (readonly [string, readonly string[], string, Phase])[] = [
  ['somebody is let in and goes in', ['release', 'passed in', 'settled'], 'release in, lock, end passed', 'idle'],
  ['somebody is let out and goes out', ['release out', 'passed out', 'settled'], 'release out, lock, end passed', 'idle'],
  ['somebody is let in and turns away', ['release', 'waited'], 'release in, lock, end not-taken', 'idle'],
  ['a door: opened, passed, closed', ['release', 'opened', 'passed in', 'closed', 'settled'], 'release in, lock, end passed', 'idle'],
  [
    'a second person behind the first',
    ['release', 'passed in', 'passed in', 'settled'],
    'release in, lock, end passed, alarm tailgate',
    'idle',
  ],
  [
    'three behind the first',
    ['release', 'passed in', 'passed in', 'passed in', 'passed in'],
    'release in, lock, end passed, alarm tailgate, alarm tailgate, alarm tailgate',
    'settling',
  ],
  [
    'the next in the queue, while the flaps still close',
    ['release', 'passed in', 'release', 'passed in'],
    'release in, lock, end passed, release in, lock, end passed',
    'settling',
  ],
  ['somebody comes out against the one who was let in', ['release', 'passed out'], 'release in, lock, alarm forced, end forced', 'idle'],
  [
    'a slow walker whose door is still open when the time is up',
    ['release', 'opened', 'waited', 'passed in', 'closed', 'settled'],
    'release in, lock, end passed',
    'idle',
  ],
  [
    'somebody opens the door, thinks better of it and lets it fall shut late',
    ['release', 'opened', 'waited', 'closed'],
    'release in, lock, end not-taken',
    'idle',
  ],
  [
    'somebody stands in the open door',
    ['release', 'opened', 'waited', 'held', 'closed'],
    'release in, lock, alarm held-open, end held-open',
    'idle',
  ],
  ['over the flaps of a locked gate', ['passed in'], 'alarm forced', 'idle'],
  ['a door forced open and left open', ['opened', 'held', 'closed'], 'alarm forced, alarm held-open', 'idle'],
  [
    'a door kept open after passing',
    ['release', 'opened', 'passed in', 'settled', 'held', 'closed'],
    'release in, lock, end passed, alarm held-open',
    'idle',
  ],
  ['the motor fails while somebody is let in', ['release', 'fault', 'waited'], 'release in, lock, alarm gate-fault, end fault', 'idle'],
  ['the timer of a release that has ended', ['release', 'passed in', 'waited', 'settled'], 'release in, lock, end passed', 'idle'],
  [
    'fire while somebody is let in',
    ['release', 'suspend', 'passed in', 'passed out', 'opened', 'held'],
    'release in, end unobserved',
    'suspended',
  ],
  ['a code shown in the fire', ['suspend', 'release', 'passed in'], 'end unobserved', 'suspended'],
  ['after the fire', ['suspend', 'resume', 'release', 'passed in'], 'release in, lock, end passed', 'settling'],
];

for (const [name, names, wanted, phase] of DAYS) {
  t.test(name, (t) => {
    const { done, state } = play(names);
    t.equal(done, wanted);
    t.equal(state.phase, phase);
    t.end();
  });
}

t.test('a relay without any sensor ends as unobserved', (t) => {
  t.equal(play(['release', 'waited'], false).done, 'release in, lock, end unobserved');
  t.equal(
    play(['release', 'waited', 'opened', 'closed', 'settled'], false).done,
    'release in, lock, end unobserved',
    'its door is opened later: not forced',
  );
  t.end();
});

const anyEvents = fc.array(fc.constantFrom(...Object.keys(EVENTS), 'release out'), { maxLength: 40 });

t.test('whatever the sensors say, a release that was begun ends exactly once', (t) => {
  fc.assert(
    fc.property(anyEvents, fc.boolean(), (names, senses) => {
      let state = initialState(senses);
      let open = 0;
      for (const name of [...names, 'waited', 'closed']) {
        const next = step(state, name === 'release out' ? { event: 'release', direction: 'out' } : event(name));
        const begun = (phase: Phase): boolean => phase === 'released' || phase === 'overdue';
        if (!begun(state.phase) && name.startsWith('release')) open++;
        open -= next.effects.filter((one) => one.do === 'end').length;
        if (open < 0 || open !== (begun(next.state.phase) ? 1 : 0)) return false;
        state = next.state;
      }
      return open === 0;
    }),
  );
  t.end();
});

t.test('whatever the sensors say, a gate opens only for a release, the way that was asked, and never in a fire', (t) => {
  fc.assert(
    fc.property(anyEvents, (names) => {
      let state = initialState(true);
      for (const name of names) {
        const asked: CycleEvent = name === 'release out' ? { event: 'release', direction: 'out' } : event(name);
        const next = step(state, asked);
        const commands = next.effects.filter((one) => one.do === 'release' || one.do === 'lock');
        if (state.phase === 'suspended' && commands.length > 0) return false;
        const released = next.effects.find((one) => one.do === 'release');
        if (released && !('direction' in asked && asked.event === 'release' && asked.direction === released.direction)) return false;
        state = next.state;
      }
      return true;
    }),
  );
  t.end();
});

t.test('whatever the sensors say, no phase runs without the timer that ends it', (t) => {
  fc.assert(
    fc.property(anyEvents, (names) => {
      let state = initialState(true);
      const running = new Set<string>();
      const ends: Readonly<Record<string, string>> = { waited: 'passage', settled: 'settle', held: 'held' };
      for (const name of names) {
        const timer = ends[name];
        if (timer !== undefined && !running.delete(timer)) continue; // a timer that is not running does not fire
        const next = step(state, name === 'release out' ? { event: 'release', direction: 'out' } : event(name));
        for (const effect of next.effects) {
          if (effect.do === 'start') running.add(effect.timer);
          if (effect.do === 'cancel') running.delete(effect.timer);
        }
        state = next.state;
        if (state.phase === 'released' && !running.has('passage')) return false;
        if (state.phase === 'settling' && !running.has('settle')) return false;
        if (state.phase !== 'released' && running.has('passage')) return false;
      }
      return true;
    }),
  );
  t.end();
});
