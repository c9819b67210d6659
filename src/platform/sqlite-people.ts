/** People by pseudonym, in SQLite. */
import type Database from 'better-sqlite3';
import type { Person } from '../contracts.js';
import type { PeopleStore } from './store-people.js';

export function peopleOf(db: Database.Database): PeopleStore {
  const put = db.prepare<[string, string]>('INSERT INTO person VALUES (?, ?) ON CONFLICT DO UPDATE SET fields = excluded.fields');
  const find = db.prepare<[string], { readonly fields: string }>('SELECT fields FROM person WHERE subject = ?');
  return {
    putPerson: async (subject, person) => void put.run(subject, JSON.stringify(person)),
    person: async (subject) => {
      const row = find.get(subject);
      return row && (JSON.parse(row.fields) as Person);
    },
  };
}
