/** Service `window`: that a window's workstation was told of somebody (MED-13); the release itself stands in the audit. */
import type { Service } from './_service.js';

export default { keeps: ['window'], operations: {} } satisfies Service;
