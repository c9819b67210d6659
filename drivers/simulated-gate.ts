/** A gate at a workbench: its lines and sensors without the hardware. */
import type { Driver, Gate, Lines } from '../src/contracts.js';
import { type GateSettings, gateOver, gateSettings } from './_gate.js';

export default { role: 'gate', port: 'simulated-lines', settings: gateSettings, attach: gateOver } satisfies Driver<
  Lines,
  GateSettings,
  Gate
>;
