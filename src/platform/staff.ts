/** Who works at the county's desks: the signed data `staff`, changed by one person at a time. PINs are given here and forgotten at once. */
import { randomInt } from 'node:crypto';
import type { StaffRole } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { decodeCbor, encodeCbor } from '../crypto/cbor.js';
import { cborOf } from '../messages/plain.js';
import { isGoodPin, type Member, makeMember, memberOf, PIN, parseStaff, type Staff } from '../messages/staff.js';
import { OrderError } from './orders.js';
import type { CountyStore } from './store.js';

const NAME = 'staff';

async function staffIn(store: CountyStore): Promise<Staff> {
  const bytes = new Map(await store.data()).get(NAME);
  if (!bytes) return { version: 1, staff: [] };
  const staff = parseStaff(decodeCbor(bytes));
  if (!staff) throw new OrderError('the data `staff` of this county cannot be read', '工作人员数据已损坏');
  return staff;
}

async function put(store: CountyStore, { version }: Staff, staff: readonly Member[]): Promise<void> {
  await store.putData(NAME, encodeCbor(cborOf({ version: version + 1, staff })));
}

function checked(subject: string, pin: string): void {
  if (decodeBase64Url(subject)?.length !== 16)
    throw new OrderError(`${JSON.stringify(subject)} is not a subject of 22 characters`, '主体标识须为 22 个字符');
  if (!isGoodPin(pin))
    throw new OrderError(
      `a PIN is ${PIN.shortest} to ${PIN.longest} digits, not all the same and not in a row`,
      `PIN 须为 ${PIN.shortest} 到 ${PIN.longest} 位数字，不可全同或连号`,
    );
}

export interface Joining {
  readonly subject: string;
  readonly roles: readonly StaffRole[];
  readonly pin: string;
}

/** Somebody who is there already has these roles and this PIN from now on. */
export async function addStaff(store: CountyStore, { subject, roles, pin }: Joining): Promise<void> {
  checked(subject, pin);
  if (roles.length === 0) throw new OrderError('name at least one role', '至少写明一个岗位');
  const all = await staffIn(store);
  await put(store, all, [...without(all, subject), await makeMember(subject, pin, [...new Set(roles)])]);
}

/** @throws OrderError when nobody there is of that subject */
export async function changePin(store: CountyStore, subject: string, pin: string): Promise<void> {
  checked(subject, pin);
  const all = await staffIn(store);
  const { roles } = known(all, subject);
  await put(store, all, [...without(all, subject), await makeMember(subject, pin, roles)]);
}

/** @throws OrderError when nobody there is of that subject */
export async function removeStaff(store: CountyStore, subject: string): Promise<void> {
  const all = await staffIn(store);
  known(all, subject);
  await put(store, all, without(all, subject));
}

/** Nobody is named: a mark is known again by who has the subject. */
export async function listStaff(store: CountyStore): Promise<readonly { readonly mark: string; readonly roles: readonly StaffRole[] }[]> {
  return (await staffIn(store)).staff.map(({ mark, roles }) => ({ mark: mark.slice(0, 16), roles }));
}

const without = (all: Staff, subject: string): readonly Member[] => {
  const one = memberOf(all, subject);
  return all.staff.filter((member) => member !== one);
};

function known(all: Staff, subject: string): Member {
  const member = memberOf(all, subject);
  if (!member) throw new OrderError(`nobody of the staff is ${subject}`, '不在工作人员名单上');
  return member;
}

export function newPin(): string {
  for (;;) {
    const pin = String(randomInt(1_000_000)).padStart(6, '0');
    if (isGoodPin(pin)) return pin;
  }
}
