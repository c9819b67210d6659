/** Whom the county knows by a pseudonym, and what it may tell of them (SEC-06). */
import type { Instant, Person } from '../contracts.js';

export interface PeopleStore {
  /** Replaces what was known of this subject. */
  putPerson(subject: string, person: Person): Promise<void>;
  /** undefined: nobody's, or several people's. */
  subjectOfPhone(phone: string): Promise<string | undefined>;
  person(subject: string): Promise<Person | undefined>;
  /** Remembers that this subject holds a code (申领); again is nothing new. */
  noteHolder(subject: string, at: Instant): Promise<void>;
  holders(): Promise<number>;
}
