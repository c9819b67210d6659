/** Was the supply too weak? What a Raspberry Pi's firmware remembers since its start. */
import { join } from 'node:path';
import { type Check, found, right, skipped } from './check.js';
import { names, text } from './files.js';

/** Bit 0: now; bit 16: since the start. */
const UNDER_VOLTAGE = 0x1_0001;

export const power: Check = {
  title: { zh: '供电', en: 'power' },
  look(_patient, { sys }) {
    const throttled = text(join(sys, 'devices/platform/soc/soc:firmware/get_throttled'));
    if (throttled !== undefined) {
      const bits = Number.parseInt(throttled, 16);
      return [(bits & UNDER_VOLTAGE) === 0 ? right(`get_throttled ${throttled}`) : found('under-voltage', `get_throttled ${throttled}`)];
    }
    const sensors = join(sys, 'class/hwmon');
    const alarm = names(sensors)
      .filter((sensor) => text(join(sensors, sensor, 'name')) === 'rpi_volt')
      .map((sensor) => text(join(sensors, sensor, 'in0_lcrit_alarm')))
      .at(0);
    if (alarm === undefined) return [skipped('本机不报告供电电压', 'this box does not tell its supply voltage')];
    return [alarm === '1' ? found('under-voltage', 'rpi_volt in0_lcrit_alarm') : right('rpi_volt')];
  },
};
