/** Carriers and decisions on applications. */
import { all, type PartOf, run } from './sql.js';
import type { ElderStore } from './store-elders.js';

export const elders: PartOf<ElderStore> = {
  *addCarrier({ id, subject, kind, since, until, terminal }) {
    yield* run('INSERT INTO carrier VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', id, subject, kind, since, until, terminal);
  },
  *dropCarrier(id) {
    yield* run('DELETE FROM carrier WHERE id = ?', id);
  },
  *carriers(subject) {
    return yield* all('SELECT * FROM carrier WHERE subject = ? ORDER BY since DESC, id', subject);
  },
  *decide({ terminal, number, state, at }) {
    yield* run('INSERT INTO decision VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', terminal, number, state, at);
  },
  *decisions() {
    return yield* all('SELECT * FROM decision ORDER BY at');
  },
};
