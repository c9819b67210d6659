/** A GPIO chip of the kernel's simulator (gpio-sim) in a guest, seen from the other end of the wires, and the kernel's own record of it. */
import type { Guest } from './guest.js';

export const LABEL = 'terminal-gpio';

/** Wires by name, and the offset of each. */
export const WIRES = {
  GATE_IN: 0,
  GATE_OUT: 1,
  LAMP_GREEN: 2,
  LAMP_RED: 3,
  BUZZER: 4,
  PASSAGE_A: 8,
  PASSAGE_B: 9,
  FIRE: 10,
  TAMPER: 11,
} as const;
export type Wire = keyof typeof WIRES;

const CONFIG = '/sys/kernel/config/gpio-sim/terminal';
const TRACE = '/sys/kernel/tracing';

export class GpioChip {
  readonly #guest: Guest;

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** Another chip stands before it, so that a program which takes the first or a fixed number finds the wrong one. */
  async plug(): Promise<void> {
    const names = Object.entries(WIRES).map(([name, offset]) => `mkdir -p bank/line${offset}; echo ${name} >bank/line${offset}/name`);
    await this.#guest.must(`decoy=/sys/kernel/config/gpio-sim/decoy
[ -d $decoy ] || { mkdir -p $decoy/bank; echo 8 >$decoy/bank/num_lines; echo decoy >$decoy/bank/label; echo 1 >$decoy/live; }
mkdir -p ${CONFIG}/bank; cd ${CONFIG}; echo 16 >bank/num_lines; echo ${LABEL} >bank/label
${names.join('\n')}
echo 1 >live; udevadm settle`);
  }

  /** Pulls the chip out, held lines or not. */
  async unplug(): Promise<void> {
    await this.#guest.must(`echo 0 >${CONFIG}/live`);
  }

  /** What the terminal drives a wire to. */
  async level(wire: Wire): Promise<0 | 1> {
    return (await this.#guest.must(`${this.#folder} cat sim_gpio${WIRES[wire]}/value`)) === '1' ? 1 : 0;
  }

  /** Waits for a level. */
  async becomes(wire: Wire, level: 0 | 1): Promise<void> {
    await this.#guest.until(`${this.#folder} [ "$(cat sim_gpio${WIRES[wire]}/value)" = ${level} ]`);
  }

  /** Sensors: levels one after the other, each held for `holdMs`. */
  async pull(steps: readonly (readonly [Wire, 0 | 1])[], holdMs = 0): Promise<void> {
    const rest = holdMs > 0 ? `; sleep ${holdMs / 1000}` : '';
    const script = steps.map(([wire, level]) => `echo ${level ? 'pull-up' : 'pull-down'} >sim_gpio${WIRES[wire]}/pull${rest}`);
    await this.#guest.must(`${this.#folder}\n${script.join('\n')}`);
  }

  /** Starts the kernel's record of everything that is done to lines. */
  async record(): Promise<void> {
    await this.#guest.must(`cd ${TRACE}; echo 0 >tracing_on; : >trace; echo 1 >events/gpio/enable; echo 1 >tracing_on`);
  }

  /** Levels that the kernel was told to drive a wire to since `record`, with seconds; nothing is too short to be seen here. */
  async driven(wire: Wire): Promise<{ readonly level: 0 | 1; readonly at: number }[]> {
    const number = Number(await this.base()) + WIRES[wire];
    const text = await this.#guest.must(`grep -E 'gpio_value: ${number} set' ${TRACE}/trace || true`);
    return [...text.matchAll(/ ([0-9]+\.[0-9]+): gpio_value: \d+ set ([01])/g)].map(([, at, level]) => ({
      level: level === '1' ? 1 : 0,
      at: Number(at),
    }));
  }

  /** Number of the first line in the numbering of sysfs and of the trace. */
  async base(): Promise<string> {
    return this.#guest.must(`for chip in /sys/class/gpio/gpiochip*; do [ "$(cat $chip/label)" = ${LABEL} ] && cat $chip/base; done; true`);
  }

  get #folder(): string {
    return `cd /sys/devices/platform/$(cat ${CONFIG}/dev_name)/$(cat ${CONFIG}/bank/chip_name) || exit 1;`;
  }
}
