/** `ankang county staff | meetings`: who works at desks, and what became of meetings. PINs come by standard input, never as arguments. */
import { createInterface } from 'node:readline';
import type { Command as Commander } from 'commander';
import { STAFF_ROLES, type StaffRole } from '../contracts.js';
import { type At, looking, order, ordering, print } from './_county-order.js';
import { UsageError } from './command.js';

const VERBS = ['add', 'remove', 'pin', 'list'] as const;

interface Options extends At {
  readonly role?: readonly string[];
  readonly pinStdin?: true;
}

export function configureStaff(command: Commander): void {
  order(
    command,
    'staff',
    '工作人员 · who works at desks: add, remove, pin (a new one), list; a PIN is made and printed once, or read with --pin-stdin',
  )
    .argument('<verb>', VERBS.join(' | '))
    .argument('[subject]', '主体标识（22 字符）；以 - 开头时前面写 -- · write -- before one that begins with -')
    .option('--role <roles...>', `岗位 · roles: ${STAFF_ROLES.join(' | ')}`)
    .option('--pin-stdin', '从标准输入读一行 PIN · read the PIN as one line of standard input')
    .action((verb: string, subject: string | undefined, options: Options) => carryOut(verb, subject, options));
  order(command, 'meetings', '活动统计 · what became of meetings, one JSON a line')
    .argument('[event]', '活动编号 · id of one')
    .action((event: string | undefined, { county }: At) =>
      looking(county, async (store) => {
        const { meetingReports } = await import('../platform/meetings.js');
        for (const { from, until, ...rest } of await meetingReports(store, event))
          print({ ...rest, from: isoOf(from), until: isoOf(until) });
      }),
    );
}

const isoOf = (at: number): string => new Date(at).toISOString();

async function carryOut(verb: string, subject: string | undefined, options: Options): Promise<void> {
  const staff = await import('../platform/staff.js');
  if (verb === 'list')
    return looking(options.county, async (store) => {
      for (const one of await staff.listStaff(store)) print(one);
    });
  if (!VERBS.some((one) => one === verb)) throw new UsageError(`操作须为其一 · one of: ${VERBS.join(' | ')}, not ${verb}`);
  if (subject === undefined) throw new UsageError('缺少主体标识 · name the subject');
  if (verb === 'remove') return ordering(options.county, ({ store }) => staff.removeStaff(store, subject));
  const roles = rolesOf(options.role ?? []);
  const pin = options.pinStdin ? await lineOfInput() : staff.newPin();
  const told = options.pinStdin ? {} : { pin };
  await ordering(options.county, async ({ store }) => {
    await (verb === 'add' ? staff.addStaff(store, { subject, roles, pin }) : staff.changePin(store, subject, pin));
    return { subject, ...told };
  });
}

function rolesOf(words: readonly string[]): readonly StaffRole[] {
  return words.map((word) => {
    const role = STAFF_ROLES.find((one) => one === word);
    if (!role) throw new UsageError(`岗位须为其一 · a role is one of: ${STAFF_ROLES.join(' | ')}, not ${word}`);
    return role;
  });
}

async function lineOfInput(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line.trim();
  }
  throw new UsageError('标准输入没有 PIN · there is no PIN on standard input');
}
