/** Fire, tamper, staff key and driver's key on lines of a GPIO character device. */
import type { Driver, Inputs, Lines } from '../src/contracts.js';
import { type InputSettings, inputSettings, inputsOver } from './_inputs.js';

export default { role: 'inputs', port: 'gpiochip', settings: inputSettings, attach: inputsOver } satisfies Driver<
  Lines,
  InputSettings,
  Inputs
>;
