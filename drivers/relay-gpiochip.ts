/** A gate on relay lines of a GPIO character device: the default; lines fall when the daemon dies. */
import type { Driver, Gate, Lines } from '../src/contracts.js';
import { type GateSettings, gateOver, gateSettings } from './_gate.js';

export default { role: 'gate', port: 'gpiochip', settings: gateSettings, attach: gateOver } satisfies Driver<Lines, GateSettings, Gate>;
