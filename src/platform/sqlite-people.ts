/** People by pseudonym, in SQLite. */
import type Database from 'better-sqlite3';
import type { Person } from '../contracts.js';
import type { PeopleStore } from './store-people.js';

export function peopleOf(db: Database.Database): PeopleStore {
  const put = db.prepare<[string, string]>('INSERT INTO person VALUES (?, ?) ON CONFLICT DO UPDATE SET fields = excluded.fields');
  const find = db.prepare<[string], { readonly fields: string }>('SELECT fields FROM person WHERE subject = ?');
  // Not a step of the schema: an index may be made anew at any start.
  db.exec("CREATE INDEX IF NOT EXISTS person_phone ON person (json_extract(fields, '$.phone'))");
  const byPhone = db.prepare<[string], string>("SELECT subject FROM person WHERE json_extract(fields, '$.phone') = ? LIMIT 2").pluck();
  return {
    subjectOfPhone: async (phone) => {
      const [only, another] = byPhone.all(phone);
      return another === undefined ? only : undefined;
    },
    putPerson: async (subject, person) => void put.run(subject, JSON.stringify(person)),
    person: async (subject) => {
      const row = find.get(subject);
      return row && (JSON.parse(row.fields) as Person);
    },
  };
}
