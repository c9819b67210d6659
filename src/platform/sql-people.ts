/** People by pseudonym, and who holds a code. */
import type { Person } from '../contracts.js';
import { all, get, type PartOf, run } from './sql.js';
import type { PeopleStore } from './store-people.js';

const PUT = `INSERT INTO person (subject, fields, phone) VALUES (?, ?, ?)
  ON CONFLICT (subject) DO UPDATE SET fields = excluded.fields, phone = excluded.phone`;

export const people: PartOf<PeopleStore> = {
  *putPerson(subject, person) {
    yield* run(PUT, subject, JSON.stringify(person), person.phone ?? null);
  },
  *subjectOfPhone(phone) {
    const [only, another] = yield* all<{ readonly subject: string }>('SELECT subject FROM person WHERE phone = ? LIMIT 2', phone);
    return another === undefined ? only?.subject : undefined;
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
