/** People by pseudonym, and who holds a code. */
import type { Person } from '../contracts.js';
import { get, type PartOf, run } from './sql.js';
import type { PeopleStore } from './store-people.js';

export const people: PartOf<PeopleStore> = {
  *putPerson(subject, person) {
    const put = 'INSERT INTO person VALUES (?, ?) ON CONFLICT (subject) DO UPDATE SET fields = excluded.fields';
    yield* run(put, subject, JSON.stringify(person));
  },
  *person(subject) {
    const row = yield* get<{ readonly fields: string }>('SELECT fields FROM person WHERE subject = ?', subject);
    return row && (JSON.parse(row.fields) as Person);
  },
  *noteHolder(subject, at) {
    yield* run('INSERT INTO holder VALUES (?, ?) ON CONFLICT DO NOTHING', subject, at);
  },
  *holders() {
    return (yield* get<{ readonly n: number }>('SELECT count(*) AS n FROM holder'))?.n ?? 0;
  },
};
