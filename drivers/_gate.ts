/** Gates that open by a pulse on a line: turnstiles, flaps, door strikes and barriers (facts, standards 9.3). */
import { z } from 'zod';
import type { Direction, Gate, GateSense, Lines, Log } from '../src/contracts.js';

const SENSORS = ['passedIn', 'passedOut', 'opened', 'fault'] as const;
type Sensor = (typeof SENSORS)[number];

const shape = {
  fails: z.enum(['safe', 'secure']).describe('without power: safe lets people through, secure does not. How it is wired; say which'),
  pulseMs: z.number().int().min(100).max(5000).default(300).describe('controllers want at least 100 ms'),
  releases: z
    .array(z.enum(['in', 'out']))
    .min(1)
    .max(2)
    .default(['in'])
    .describe('outputs that are wired, each named by its direction'),
  sensors: z.array(z.enum(SENSORS)).max(4).default([]).describe('inputs that are wired, each named so'),
};
export const gateSettings = z.strictObject(shape);
export type GateSettings = z.infer<typeof gateSettings>;

/** For ports that leave a relay energised when the daemon is killed: someone has to say that this was weighed. */
export const energisedGateSettings = z.strictObject({
  ...shape,
  leavesEnergised: z.literal('accepted', {
    error:
      'sysfs 在进程被杀后仍保持继电器吸合，须写 leavesEnergised: accepted · sysfs keeps a relay energised when the daemon is killed: write leavesEnergised: accepted',
  }),
});

export function gateOver(link: Lines, settings: GateSettings, log: Log): Gate & { close(): void } {
  const { fails, pulseMs, releases, sensors } = settings;
  const listeners: ((sense: GateSense) => void)[] = [];
  let pulse: ReturnType<typeof setTimeout> | undefined;
  /** Every line of the gate in one call: the two directions are never active together. */
  const drive = (direction: Direction | undefined): void =>
    link.set(Object.fromEntries(releases.map((line) => [line, line === direction])));
  const drop = (): void => {
    clearTimeout(pulse);
    pulse = undefined;
    try {
      drive(undefined);
    } catch (error) {
      log.error('gate-does-not-drop', { reason: error instanceof Error ? error.message : String(error) });
      // Lines that are given back fall: what cannot be commanded any more is let go.
      void link.close();
    }
  };

  link.onEdge(({ name, active }) => {
    const sense = sensors.includes(name as Sensor) ? senseOf(name as Sensor, active) : undefined;
    if (sense) for (const listener of listeners) listener(sense);
  });
  for (const sensor of sensors) link.get(sensor);
  drive(undefined);
  log.info('gate-ready', { fails, pulseMs, releases, sensors });

  return {
    role: 'gate',
    senses: releases.every((direction) => sensors.includes(direction === 'in' ? 'passedIn' : 'passedOut')),
    release(direction) {
      if (!releases.includes(direction)) throw new Error(`the gate has no line for ${direction}`);
      clearTimeout(pulse);
      drive(direction);
      pulse = setTimeout(drop, pulseMs);
    },
    lock: drop,
    onSense(listener) {
      listeners.push(listener);
      // What stands already when it is opened has no edge: a door that is open, a fault that is on.
      for (const sensor of ['opened', 'fault'] as const) {
        const sense = sensors.includes(sensor) && link.get(sensor) ? senseOf(sensor, true) : undefined;
        if (sense) listener(sense);
      }
    },
    close() {
      if (pulse !== undefined) drop();
    },
  };
}

/** A passage is the edge to active, as a PASS contact or a counter pulse gives it. */
function senseOf(sensor: Sensor, active: boolean): GateSense | undefined {
  switch (sensor) {
    case 'passedIn':
      return active ? { sense: 'passed', direction: 'in' } : undefined;
    case 'passedOut':
      return active ? { sense: 'passed', direction: 'out' } : undefined;
    case 'opened':
      return { sense: active ? 'opened' : 'closed' };
    case 'fault':
      return active ? { sense: 'fault' } : undefined;
  }
}
