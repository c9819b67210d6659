/** What a configuration file may say of stations, their devices and scenes, and of the code formats that they read. */
import { z } from 'zod';
import { settings as mot } from './formats/mot.js';
import { settings as voucher } from './formats/voucher.js';
import { name } from './identity.js';

const sceneName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}(\/[a-z][a-z0-9-]{0,31})?$/,
    '须为场景名，如 pharmacy、clinic/check-in · the name of a scene: pharmacy, clinic/check-in',
  )
  .describe('a file of src/scenes, or of a folder there: pharmacy, clinic/check-in');
const seconds = z.number().min(0.1).max(3600);

const device = z.strictObject({
  driver: name.describe('a file of drivers/'),
  name: name.optional().describe('how entries and logs call it; default: the driver'),
  direction: z.enum(['in', 'out']).default('in').describe('scanners: which way a person who scans here goes'),
  address: z.record(z.string(), z.unknown()).default({}).describe('where it is: see the port of the driver'),
  settings: z.record(z.string(), z.unknown()).default({}).describe('see the driver'),
});

export const STATION = z.strictObject({
  id: name,
  kind: z
    .enum(['lane', 'desk'])
    .default('lane')
    .describe('lane: a gate or door, one scene; desk: a conversation at the page, one of several scenes'),
  scene: sceneName.optional(),
  settings: z.record(z.string(), z.unknown()).optional().describe('lanes: see the scene'),
  scenes: z
    .array(
      z.strictObject({
        scene: sceneName,
        settings: z.record(z.string(), z.unknown()).default({}).describe('see the scene'),
      }),
    )
    .min(1)
    .max(24)
    .optional()
    .describe('desks: what a person may choose from, in this order'),
  passageSeconds: seconds.default(6).describe('how long the gate waits for the person; longer for slow walkers'),
  heldOpenSeconds: seconds.default(20),
  devices: z.array(device).min(1),
});

export const FORMATS = z
  .strictObject({ mot: mot.optional(), voucher: voucher.optional() })
  .prefault({})
  .describe('settings of code formats that have any');
