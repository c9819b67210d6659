/** Fire, tamper, staff key and driver's key on lines through sysfs. */
import type { Driver, Inputs, Lines } from '../src/contracts.js';
import { type InputSettings, inputSettings, inputsOver } from './_inputs.js';

export default { role: 'inputs', port: 'sysfs-gpio', settings: inputSettings, attach: inputsOver } satisfies Driver<
  Lines,
  InputSettings,
  Inputs
>;
