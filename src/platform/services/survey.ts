/** Service `survey`: keeps what patients answered (MED-11). There is nobody in it to be asked about. */
import type { Service } from './_service.js';

export default { keeps: ['survey-answer'], operations: {} } satisfies Service;
