/** What the lane holds for ever while the device behind it comes and goes: same role, same methods, faults while it is away. */
import type { Device, Gate, InputName, Inputs, Log, Place, Printer, Role, Scanner, Signaller, Workstation } from '../contracts.js';

/** A method needs the device, and the device is away (`device-down`) or would not do it (`device-failed`, with its cause). */
export class DeviceFault extends Error {
  readonly code: 'device-down' | 'device-failed';
  readonly device: string;

  constructor(device: string, code: DeviceFault['code'], cause?: unknown) {
    super(code === 'device-down' ? `${device} is away` : `${device} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.code = code;
    this.device = device;
  }
}

export interface StandIn<D extends Device = Device> {
  /** Stable: hold it, register listeners once. */
  readonly device: D;
  /** Puts the real device behind it, or takes it away. */
  behind(device: D | undefined): void;
}

type Args<F> = F extends (...args: infer A) => void ? A : never;

/** Listeners of the lane. What one throws is the lane's fault, not the device's: told, and the device goes on. */
class Listeners<F extends (...args: never[]) => void> {
  readonly #all: F[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  readonly add = (listener: F): void => void this.#all.push(listener);

  readonly tell = (...args: Args<F>): void => {
    for (const listener of this.#all) {
      try {
        listener(...args);
      } catch (error) {
        this.#log.error('listener-threw', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    }
  };
}

export function standIn(role: Role, name: string, log: Log): StandIn {
  switch (role) {
    case 'scanner':
      return scanner(log);
    case 'gate':
      return gate(name, log);
    case 'inputs':
      return inputs(log);
    case 'signal':
      return signaller(log);
    case 'place':
      return place(log);
    case 'workstation':
      return workstation(log);
    case 'printer':
      return printer(log);
  }
}

function scanner(log: Log): StandIn<Scanner> {
  const readings = new Listeners<Parameters<Scanner['onReading']>[0]>(log);
  const starts = new Listeners<Parameters<Scanner['onStart']>[0]>(log);
  return {
    device: { role: 'scanner', onReading: readings.add, onStart: starts.add },
    behind(device) {
      device?.onReading(readings.tell);
      device?.onStart(starts.tell);
    },
  };
}

/** `senses` is false until the gate was there once; while it is away it keeps what it was. */
function gate(name: string, log: Log): StandIn<Gate> {
  const senses = new Listeners<Parameters<Gate['onSense']>[0]>(log);
  let real: Gate | undefined;
  let sees = false;
  return {
    device: {
      role: 'gate',
      get senses() {
        return sees;
      },
      release(direction) {
        if (!real) throw new DeviceFault(name, 'device-down');
        try {
          real.release(direction);
        } catch (error) {
          throw new DeviceFault(name, 'device-failed', error);
        }
      },
      // A gate that is away is not driven by anyone: there is nothing to lock.
      lock: () => real?.lock(),
      onSense: senses.add,
    },
    behind(device) {
      real = device;
      sees = device?.senses ?? sees;
      device?.onSense(senses.tell);
    },
  };
}

const INPUTS: readonly InputName[] = ['fire', 'tamper', 'staff-free', 'staff-lock', 'repeat'];

/** While the contacts are away they stand as they were last seen; what changed meanwhile is told when they are back. */
function inputs(log: Log): StandIn<Inputs> {
  const changes = new Listeners<Parameters<Inputs['onInput']>[0]>(log);
  const last = new Map<InputName, boolean>();
  const tell = (name: InputName, active: boolean): void => {
    if ((last.get(name) ?? false) === active) return;
    last.set(name, active);
    changes.tell(name, active);
  };
  return {
    device: { role: 'inputs', state: (name) => last.get(name) ?? false, onInput: changes.add },
    behind(device) {
      if (!device) return;
      device.onInput(tell);
      for (const name of INPUTS) tell(name, device.state(name));
    },
  };
}

/** What should be seen is shown again when the lamps are back only by the next signal: a lamp is no promise. */
function signaller(log: Log): StandIn<Signaller> {
  let real: Signaller | undefined;
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      log.error('driver-threw', { reason: error instanceof Error ? error.message : String(error) });
    }
  };
  return {
    device: {
      role: 'signal',
      show: (signal, ms) => attempt(() => real?.show(signal, ms)),
      say: (sound) => attempt(() => real?.say?.(sound)),
    },
    behind(device) {
      real = device;
    },
  };
}

/** A source that is away knows no place: a stop of long ago is worse than none. */
function place(log: Log): StandIn<Place> {
  const places = new Listeners<Parameters<Place['onPlace']>[0]>(log);
  const repeats = new Listeners<Parameters<Place['onRepeat']>[0]>(log);
  return {
    device: { role: 'place', onPlace: places.add, onRepeat: repeats.add },
    behind(device) {
      if (!device) places.tell(undefined);
      device?.onPlace(places.tell);
      device?.onRepeat(repeats.tell);
    },
  };
}

/** One that is away has nothing: the person is not told that it has. */
function workstation(log: Log): StandIn<Workstation> {
  let real: Workstation | undefined;
  return {
    device: {
      role: 'workstation',
      async tell(told) {
        try {
          return (await real?.tell(told)) ?? false;
        } catch (error) {
          log.error('driver-threw', { reason: error instanceof Error ? error.message : String(error) });
          return false;
        }
      },
    },
    behind(device) {
      real = device;
    },
  };
}

/** What it takes is not known until it was there once. What is printed while it goes away is lost with it. */
function printer(log: Log): StandIn<Printer> {
  const states = new Listeners<Parameters<Printer['onState']>[0]>(log);
  let real: Printer | undefined;
  let takes: Printer['takes'] = [];
  return {
    device: {
      role: 'printer',
      get takes() {
        return takes;
      },
      async print(job, signal) {
        try {
          return (await real?.print(job, signal)) ?? 'failed';
        } catch (error) {
          log.error('driver-threw', { reason: error instanceof Error ? error.message : String(error) });
          return 'failed';
        }
      },
      onState: states.add,
    },
    behind(device) {
      real = device;
      takes = device?.takes ?? takes;
      device?.onState(states.tell);
    },
  };
}
