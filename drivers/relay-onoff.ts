/** A gate on relay lines through sysfs, which leaves them energised when the daemon is killed: only where that is accepted. */
import type { z } from 'zod';
import type { Driver, Gate, Lines } from '../src/contracts.js';
import { energisedGateSettings, gateOver } from './_gate.js';

export default {
  role: 'gate',
  port: 'sysfs-gpio',
  settings: energisedGateSettings,
  attach: gateOver,
} satisfies Driver<Lines, z.infer<typeof energisedGateSettings>, Gate>;
