/** Service `staff`: keeps who signed in at a desk, with which outcome; the person under seal like every other. */
import type { Service } from './_service.js';

export default { keeps: ['staff'], operations: {} } satisfies Service;
