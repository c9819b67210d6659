/** Somebody who works here, and somebody who does not: as scripts show them. */
import { makeMember, type Staff } from '../../src/messages/staff.js';
import { screen } from '../desk-stand.js';
import type { Deed } from './_script.js';

/** Of nobody. */
export const STAFF_SUBJECT = 'sssssssssssssssssssssQ';
export const STAFF_PIN = '2580';

export const STAFF: Staff = { version: 1, staff: [await makeMember(STAFF_SUBJECT, STAFF_PIN, ['organiser', 'clerk'])] };

/** Their code, fresh each time it is read. */
export const showsStaffCode = (): Deed => ({
  does: 'shows',
  what: { text: Buffer.from(screen(STAFF_SUBJECT)).toString('latin1') },
});
