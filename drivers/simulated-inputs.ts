/** Fire, tamper, staff key and driver's key at a workbench. */
import type { Driver, Inputs, Lines } from '../src/contracts.js';
import { type InputSettings, inputSettings, inputsOver } from './_inputs.js';

export default { role: 'inputs', port: 'simulated-lines', settings: inputSettings, attach: inputsOver } satisfies Driver<
  Lines,
  InputSettings,
  Inputs
>;
