/** Somebody who works here signs in at a desk: their own code or card, then their PIN, both held against the signed data `staff`. */
import type { Desk, Line, Presented, StaffRole, Words } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import { holdsPin, type Member, memberOf, PIN, parseStaff } from '../messages/staff.js';
import type { LockOut } from './lock-out.js';

const words = (zh: string, en: string): Words => ({ zh, en });

const WORDS = {
  none: words('工作人员名单尚未下发，请联系县平台', 'The list of staff has not come yet: ask the county'),
  who: words('工作人员请出示本人的码或卡', 'Staff: show your own code or card'),
  stranger: words('您不在本岗位的工作人员名单上', 'You are not on the list of staff for this'),
  pin: words('请输入 PIN', 'Enter your PIN'),
  again: words('PIN 不对，请再输一次', 'That is not your PIN: try again'),
  locked: words('PIN 输错次数过多，已锁定', 'Too many wrong PINs: locked'),
  until: words('解锁时间', 'Until'),
};

/** `facts.event` of an entry `staff`. */
export type StaffEvent = 'signed-in' | 'wrong-pin' | 'locked' | 'signed-out' | 'not-staff';

export interface SignInParts {
  readonly desk: Pick<Desk, 'identify' | 'fill' | 'show' | 'data'>;
  readonly lockOut: LockOut;
  /** Nothing is asked meanwhile. */
  work<T>(job: () => Promise<T>): Promise<T>;
  /** @throws when nothing can be written: then nobody signs in. */
  audit(event: StaffEvent, who: Presented): void;
}

/** undefined: nobody did, and they know why. */
export async function signIn(role: StaffRole, parts: SignInParts): Promise<Presented | undefined> {
  const { desk } = parts;
  const staff = parseStaff(desk.data('staff'));
  if (!staff) return told(desk, WORDS.none);
  const who = await desk.identify(WORDS.who, ['person']);
  const member = memberOf(staff, who.credential.subject);
  if (!member?.roles.includes(role)) {
    parts.audit('not-staff', who);
    return told(desk, WORDS.stranger);
  }
  return provedBy(member, who, parts);
}

async function provedBy(member: Member, who: Presented, parts: SignInParts): Promise<Presented | undefined> {
  const { desk, lockOut } = parts;
  for (let ask = WORDS.pin; ; ask = WORDS.again) {
    const until = lockOut.lockedUntil(member.mark);
    if (until !== undefined) {
      parts.audit('locked', who);
      return told(desk, WORDS.locked, [{ label: WORDS.until, value: clockOf(until) }]);
    }
    const { pin = '' } = await desk.fill(ask, [{ id: 'pin', kind: 'digits', ...PIN, hidden: true, label: words('PIN 码', 'PIN') }]);
    lockOut.tried(member.mark);
    if (await parts.work(() => holdsPin(member, who.credential.subject, pin))) {
      lockOut.right(member.mark);
      parts.audit('signed-in', who);
      return who;
    }
    parts.audit('wrong-pin', who);
  }
}

/** Nobody signed in, and this is why. */
async function told(desk: SignInParts['desk'], why: Words, lines?: readonly Line[]): Promise<undefined> {
  await desk.show(why, lines);
  return undefined;
}

function clockOf(at: number): string {
  const { day, minute } = localTime(at);
  return `${day} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
