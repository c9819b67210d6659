/** Service `meeting` (MEET-01…04): keeps meetings and who came; tells whose phone numbers are on an organiser's list, to whom that was granted. */
import { INVITED_ASKED } from '../../messages/meeting.js';
import { jsonOf } from '../../messages/plain.js';
import type { Service } from './_service.js';

export default {
  keeps: ['meeting-event', 'meeting', 'meeting-closed'],
  operations: {
    /** `{phones}` → `{subjects}`; in the audit stands how many were asked for, never which. */
    invited: {
      asks: () => ({ scene: 'meeting', fields: [] }),
      async handle(body, { store, terminal, now }) {
        const asked = INVITED_ASKED.safeParse(jsonOf(body)).data;
        if (!asked) return { status: 'refused' };
        await store.noteAudited({
          at: now,
          terminal: terminal.id,
          kind: 'released',
          facts: { scene: 'meeting', phones: asked.phones.length },
        });
        const subjects = await Promise.all(asked.phones.map((phone) => store.subjectOfPhone(phone)));
        return { status: 'ok', body: new Map([['subjects', subjects.map((subject) => subject ?? null)]]) };
      },
    },
  },
} satisfies Service;
