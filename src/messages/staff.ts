/**
 * The signed data `staff`: who works at the county's desks, in which role, and the PIN that proves it beside their own code or card. Nobody is
 * named: `mark` is SM3(subject ‖ salt), and the PIN is stretched together with the subject, so that neither can be searched for by whoever
 * has the data and not the code.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { STAFF_ROLES, type StaffRole } from '../contracts.js';
import type { Cbor } from '../crypto/cbor.js';
import { sm3Hex } from '../crypto/sm3.js';
import { jsonOf } from './plain.js';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

const member = z.strictObject({
  mark: hex(32).describe('SM3 of the subject’s 22 characters ‖ salt'),
  salt: hex(16),
  roles: z.array(z.enum(STAFF_ROLES)).min(1).max(STAFF_ROLES.length),
  pin: z.strictObject({ salt: hex(16), hash: hex(32).describe('scrypt of subject ‖ PIN, N 2^14, r 8, p 1') }),
});
export type Member = Readonly<z.output<typeof member>>;

export const STAFF = z
  .strictObject({ version: z.int().min(1).max(999_999_999), staff: z.array(member).max(500) })
  .refine(({ staff }) => new Set(staff.map(({ mark }) => mark)).size === staff.length, { path: ['staff'], message: 'one person twice' });
export type Staff = z.output<typeof STAFF>;

/** undefined: not such data. */
export function parseStaff(value: unknown): Staff | undefined {
  return STAFF.safeParse(jsonOf(value as Cbor)).data;
}

/** Digits, as many; not all the same and not in a row. */
export const PIN = { shortest: 4, longest: 8 } as const;

export function isGoodPin(pin: string): boolean {
  if (!/^\d+$/.test(pin) || pin.length < PIN.shortest || pin.length > PIN.longest) return false;
  const steps = new Set([...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i])));
  return steps.size > 1 || ![0, 1, -1].includes([...steps][0] ?? 0);
}

/** Who of them is this? */
export function memberOf({ staff }: Staff, subject: string): Member | undefined {
  return staff.find(({ mark, salt }) => mark === markOf(subject, salt));
}

const markOf = (subject: string, salt: string): string => sm3Hex(Buffer.concat([Buffer.from(subject, 'latin1'), Buffer.from(salt, 'hex')]));

const COST = { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const stretch = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** About 50 ms, off the main thread. */
export async function holdsPin({ pin }: Pick<Member, 'pin'>, subject: string, typed: string): Promise<boolean> {
  const hash = await stretch(subject + typed, Buffer.from(pin.salt, 'hex'), 32, COST);
  return timingSafeEqual(hash, Buffer.from(pin.hash, 'hex'));
}

export async function makeMember(subject: string, pin: string, roles: readonly StaffRole[]): Promise<Member> {
  const [salt, pinSalt] = [randomBytes(16).toString('hex'), randomBytes(16)];
  const hash = await stretch(subject + pin, pinSalt, 32, COST);
  return { mark: markOf(subject, salt), salt, roles: [...roles], pin: { salt: pinSalt.toString('hex'), hash: hash.toString('hex') } };
}
