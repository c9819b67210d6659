/** What a visit may do for those who work here: sign in, open their own page, hold meetings. Ends with the visit. */
import type { Desk, DeskScene, Log, Presented, Prompt, StaffRole, Submission } from '../contracts.js';
import type { Register } from '../meeting/shapes.js';
import type { LockOut } from './lock-out.js';
import { type SignInParts, type StaffEvent, signIn } from './sign-in.js';
import type { Proof } from './visit.js';

/** What a desk gives its visits for that. */
export interface StaffDesk {
  readonly station: string;
  readonly lockOut: LockOut;
  readonly register: Register;
  /** An address on this box, and a code for it that is good once. */
  invite(role: StaffRole): { readonly path: string; readonly code: string };
  readonly report: Desk['report'];
  /** Eight characters that name a meeting. */
  newId(): string;
}

export interface VisitStaffParts extends StaffDesk {
  readonly name: string;
  readonly scene: Pick<DeskScene, 'title'>;
  readonly desk: SignInParts['desk'];
  readonly work: SignInParts['work'];
  put(prompt: Prompt): Promise<unknown>;
  proofOf(who: Presented): Proof;
  submit(submission: Omit<Submission, 'of'>, proof: Proof | undefined): string;
  readonly log: Log;
}

export interface VisitStaff extends Pick<Desk, 'staff' | 'staffPage' | 'meetings' | 'report'> {
  signOut(): void;
}

export function visitStaff(parts: VisitStaffParts): VisitStaff {
  const { register, name, station } = parts;
  let signedIn: { readonly role: StaffRole; readonly proof: Proof } | undefined;

  const audit = (event: StaffEvent, role: StaffRole, proof: Proof): void =>
    void parts.submit({ kind: 'staff', facts: { event, role }, personal: {} }, proof);

  const door = (who: Presented) => {
    const { subject, medium, bytes } = parts.proofOf(who);
    return { scene: name, station, subject, shown: { medium, bytes } };
  };

  return {
    async staff(role) {
      const { desk, work, lockOut } = parts;
      const who = await signIn(role, { desk, work, lockOut, audit: (event, of) => audit(event, role, parts.proofOf(of)) });
      if (who) signedIn = { role, proof: parts.proofOf(who) };
      return who;
    },
    async staffPage(say) {
      if (!signedIn) throw new RangeError('nobody is signed in');
      const { path, code } = parts.invite(signedIn.role);
      await parts.put({
        kind: 'show',
        say,
        lines: [
          { label: { zh: '本机页面', en: 'Page of this terminal' }, value: path },
          { label: { zh: '一次性代码，10 分钟', en: 'Code, good once, for 10 minutes' }, value: code.replace(/^(.{4})/, '$1 ') },
        ],
        link: { href: `${path}#${code}`, words: { zh: '在本屏打开', en: 'Open it here' } },
      });
    },
    report: (days) => parts.work(() => parts.report(days)),
    meetings: {
      all: () => register.all(),
      count: (id) => register.count(id),
      create(wanted, keepDays, by) {
        const meeting = { ...wanted, id: parts.newId() };
        return register.create(meeting, keepDays, door(by)) ? meeting : undefined;
      },
      sign: (id, who) => register.sign(id, who.credential.subject, door(who)),
      close: (id, by) => register.close(id, 'organiser', door(by)),
    },
    signOut() {
      if (!signedIn) return;
      try {
        audit('signed-out', signedIn.role, signedIn.proof);
      } catch (error) {
        // That somebody signed in is on disk; without a disk the end of it is only in the log.
        parts.log.error('journal-failed', { station, error: error instanceof Error ? error.message : String(error) });
      }
      signedIn = undefined;
    },
  };
}
