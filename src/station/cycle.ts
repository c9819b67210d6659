/** Runs the table of passage.ts on a real gate: commands it, keeps its timers, ends each release with what was seen. */
import type { Direction, Gate, GateSense, Log, Passage } from '../contracts.js';
import type { Mode } from './lane.js';
import { type Alarm, type CycleEvent, type Effect, initialState, step, type Timer } from './passage.js';

/** A second person this soon behind the first is a tailgate (facts 9.3: flap gates detect at 0.25 s). */
const SETTLE_MS = 700;
/** A gate that sees nothing is taken as used after this; the next person need not wait longer. */
const UNSEEN_MS = 1500;

export interface CycleParts {
  readonly gate: Gate;
  readonly passageMs: number;
  readonly heldOpenMs: number;
  alarm(alarm: Alarm): void;
  changed(): void;
  readonly log: Log;
}

export type GateState = 'locked' | 'released' | 'free';

export interface Cycle {
  /** Lets one person through; resolves with what the gate saw, `fault` when it could not be commanded. Never rejects. */
  pass(direction: Direction): Promise<Passage>;
  /** Fire and keys: in fire the gate's own wiring frees it and nothing is commanded; `free` releases again and again. */
  setMode(mode: Mode): void;
  state(): GateState;
  stop(): void;
}

export function createCycle({ gate, passageMs, heldOpenMs, alarm, changed, log }: CycleParts): Cycle {
  let state = initialState(gate.senses);
  let mode: Mode = 'normal';
  let ended: ((passage: Passage) => void) | undefined;
  let freeing: NodeJS.Timeout | undefined;
  const timers = new Map<Timer, NodeJS.Timeout>();
  /** Ways that could not be freed, said once: a gate may have a line for one way only. */
  const notFreed = new Set<Direction>();

  const FIRES: Readonly<Record<Timer, CycleEvent['event'] & ('waited' | 'settled' | 'held')>> = {
    passage: 'waited',
    settle: 'settled',
    held: 'held',
  };
  const lasts = (timer: Timer): number => {
    if (timer === 'held') return heldOpenMs;
    if (timer === 'settle') return gate.senses ? SETTLE_MS : passageMs;
    return gate.senses ? passageMs : UNSEEN_MS;
  };

  const cancel = (timer: Timer): void => {
    clearTimeout(timers.get(timer));
    timers.delete(timer);
  };

  const finish = (passage: Passage): void => {
    const tell = ended;
    ended = undefined;
    tell?.(passage);
  };

  const command = (order: () => void): void => {
    try {
      order();
    } catch (error) {
      log.error('gate-not-commanded', { error: error instanceof Error ? error.message : String(error) });
      // The table is told, so that a gate that is away ends the cycle as `fault`.
      feed({ event: 'fault' });
    }
  };

  const perform = (effect: Effect): void => {
    switch (effect.do) {
      case 'release':
        return command(() => gate.release(effect.direction));
      case 'lock':
        return command(() => gate.lock());
      case 'end':
        return finish(effect.passage);
      case 'alarm':
        return alarm(effect.alarm);
      case 'cancel':
        return cancel(effect.timer);
      case 'start': {
        cancel(effect.timer);
        // A release that failed at once has already ended.
        if (effect.timer === 'passage' && state.phase !== 'released') return;
        timers.set(
          effect.timer,
          setTimeout(() => feed({ event: FIRES[effect.timer] }), lasts(effect.timer)),
        );
      }
    }
  };

  const feed = (event: CycleEvent): void => {
    const next = step({ ...state, senses: gate.senses }, event);
    state = next.state;
    for (const effect of next.effects) perform(effect);
    changed();
  };

  /** The key is turned to free: both ways in turn as long as it is turned, and again at once behind whoever goes through. */
  const keepFree = (direction: Direction): void => {
    if (mode !== 'free') return;
    clearTimeout(freeing);
    try {
      gate.release(direction);
      notFreed.delete(direction);
    } catch (error) {
      if (!notFreed.has(direction))
        log.warn('gate-not-freed', { direction, error: error instanceof Error ? error.message : String(error) });
      notFreed.add(direction);
    }
    freeing = setTimeout(keepFree, passageMs, direction === 'in' ? 'out' : 'in');
  };

  gate.onSense((sense: GateSense) => {
    feed(sense.sense === 'passed' ? { event: 'passed', direction: sense.direction } : { event: sense.sense });
    if (sense.sense === 'passed') keepFree(sense.direction);
  });

  return {
    pass: (direction) =>
      new Promise((resolve) => {
        ended = resolve;
        feed({ event: 'release', direction });
      }),
    setMode(next) {
      if (next === mode) return;
      mode = next;
      clearTimeout(freeing);
      feed({ event: mode === 'normal' ? 'resume' : 'suspend' });
      if (mode === 'locked' || mode === 'normal') command(() => gate.lock());
      if (mode === 'free') keepFree('in');
    },
    state: () =>
      mode === 'free' || mode === 'fire' ? 'free' : state.phase === 'released' || state.phase === 'overdue' ? 'released' : 'locked',
    stop() {
      mode = 'normal';
      clearTimeout(freeing);
      for (const timer of timers.keys()) cancel(timer);
      finish('unobserved');
    },
  };
}
