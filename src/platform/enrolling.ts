/** Where new terminals hand in their tickets, if a county wants such a place. */
import type { Instant } from '../contracts.js';
import type { EnrolmentParts, EnrolmentServer } from './enrolment.js';

interface Wanted {
  readonly enrolment?: { readonly host: string; readonly port: number; readonly names: readonly string[] };
  readonly folder: string;
  readonly now: () => Instant;
}
type Enrolling = Omit<EnrolmentParts, 'authority'>;

/** Its part of the program is loaded only where it is wanted: certificates take a large library. */
export async function enrolmentOf({ enrolment, now, folder }: Wanted, parts: Enrolling): Promise<EnrolmentServer | undefined> {
  if (!enrolment) return undefined;
  const [{ openAuthority }, { serveEnrolment }] = await Promise.all([import('./authority.js'), import('./enrolment.js')]);
  const { region, test } = parts.keys;
  const authority = await openAuthority({ folder, region, test, now: now() });
  return serveEnrolment({ ...parts, authority }, enrolment);
}
