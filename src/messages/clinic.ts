/**
 * Bodies of `clinic/<word>` (MED-02 … MED-10, wire.md 6): what a desk in a hospital asks, and what the county's clinic service answers from
 * the hospital's system. Whom it is about travels beside the body, as `who`. Pure.
 *
 * Everything that changes something at the hospital is one effect for one person and one thing: asked again, it answers as it did before.
 * A hospital that cannot be reached, or left it open whether something was done, is `fault`.
 */
import { z } from 'zod';
import { CLINIC_REASONS } from './clinic-refusals.js';
import { WORDS } from './drugs.js';

/** What the hospital's system calls a thing. */
const id = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/);
/** What a person reads off a slip: cards, queues, bills, admissions. */
const number = z.string().regex(/^[A-Za-z0-9-]{1,32}$/);
const fen = z.int().min(0).max(100_000_000);
const some = z.int().min(0).max(9_999);
const day = z.iso.date().describe('YYYY-MM-DD, of Asia/Shanghai');
const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .describe('HH:MM, of Asia/Shanghai');
/** Names of people, doses, results: as the hospital wrote them. */
const text = z.string().min(1).max(80);
const long = z.strictObject({ zh: z.string().min(1).max(600), en: z.string().min(1).max(1800) });
/** Where the hospital has no English, `en` is what it has. */
const words = WORDS;
const list = <T extends z.ZodType>(of: T, most: number) => z.array(of).max(most);
const patient = text.optional().describe('name, masked: 张*山');
const nothing = z.strictObject({});

/** A refusal's body. `at`: from when, or since when; `number`: which bill; `where`: which department or window. */
export const CLINIC_REFUSED = z.strictObject({
  reason: z.enum(CLINIC_REASONS),
  at: time.optional(),
  number: number.optional(),
  where: words.optional(),
});
export type ClinicRefused = z.output<typeof CLINIC_REFUSED>;

/** When and where somebody sees a doctor. */
const APPOINTMENT = z.strictObject({ id, department: words, doctor: text, day, from: time, until: time, room: words, fee: fen });
export type Appointment = z.output<typeof APPOINTMENT>;

export const CHARGE = z.strictObject({ id, what: words, day, amount: fen });
export type Charge = z.output<typeof CHARGE>;

const bill = z.strictObject({ number, amount: fen.min(1) });

const medicine = z.strictObject({ what: words, amount: text, use: text });
export const PRESCRIPTION = z.strictObject({
  id,
  day,
  department: words,
  doctor: text,
  state: z.enum(['ready', 'unpaid', 'dispensed']),
  medicines: list(medicine, 20),
});
export type Prescription = z.output<typeof PRESCRIPTION>;

/** `left`: how often it may still be printed. Of a sensitive one nothing more is told. */
export const REPORT = z.strictObject({ id, what: words, day, sensitive: z.boolean(), left: some });
export type Report = z.output<typeof REPORT>;
const result = z.strictObject({
  label: words,
  value: text,
  range: text.optional(),
  flag: z.enum(['high', 'low', 'abnormal']).optional(),
});
/** What is shown and printed of it: no more than its reader needs. */
export const REPORT_SHOWN = z.strictObject({
  what: words,
  day,
  patient,
  left: some,
  lines: list(result, 60),
  conclusion: long.optional(),
});
export type ReportShown = z.output<typeof REPORT_SHOWN>;

export const ADMISSION_ORDER = z.strictObject({
  id,
  day,
  department: words,
  doctor: text,
  ward: words,
  deposit: fen.describe('due before or after: what the hospital wants in advance'),
  consent: z.strictObject({ version: some, paragraphs: list(long, 8).min(1) }),
});
export type AdmissionOrder = z.output<typeof ADMISSION_ORDER>;
export const RELATIONS = ['spouse', 'parent', 'child', 'sibling', 'other'] as const;
export const CONTACT = z.strictObject({
  name: z.string().min(1).max(40),
  relation: z.enum(RELATIONS),
  phone: z.string().regex(/^\d{7,12}$/),
});

export const CATEGORIES = [
  'bed',
  'nursing',
  'consultation',
  'examination',
  'laboratory',
  'treatment',
  'medicine',
  'material',
  'other',
] as const;
export type Category = (typeof CATEGORIES)[number];
const category = z.enum(CATEGORIES);
/** `days` and `categories` each add up to `total`, and `total` is what the hospital has billed. */
export const EXPENSES = z.strictObject({
  stay: number,
  ward: words,
  from: day,
  days: list(z.strictObject({ day, total: fen }), 62),
  categories: list(z.strictObject({ category, total: fen }), CATEGORIES.length),
  total: fen,
  billed: fen,
});
export type Expenses = z.output<typeof EXPENSES>;
export const EXPENSE_DAY = z.strictObject({
  day,
  lines: list(z.strictObject({ category, what: words, count: some, amount: fen }), 100),
  total: fen,
});
export type ExpenseDay = z.output<typeof EXPENSE_DAY>;

/** Every operation of the service: what is asked, and the body of an answer `ok`. That of `refused` is CLINIC_REFUSED. */
export const CLINIC = {
  card: { asked: nothing, answer: z.strictObject({ card: number }) },
  'card-open': { asked: nothing, answer: z.strictObject({ card: number, existed: z.boolean() }) },
  departments: { asked: nothing, answer: z.strictObject({ departments: list(z.strictObject({ id, name: words }), 60) }) },
  days: {
    asked: z.strictObject({ department: id }),
    answer: z.strictObject({ days: list(z.strictObject({ day, free: some }), 14) }),
  },
  doctors: {
    asked: z.strictObject({ department: id, day }),
    answer: z.strictObject({ doctors: list(z.strictObject({ id, name: text, title: words, fee: fen, free: some }), 40) }),
  },
  slots: {
    asked: z.strictObject({ department: id, day, doctor: id }),
    answer: z.strictObject({ slots: list(z.strictObject({ id, from: time, until: time, room: words }), 60) }),
  },
  /** `charge`: the fee as an unpaid charge, to be paid now or later; absent: it is free. */
  register: { asked: z.strictObject({ slot: id }), answer: APPOINTMENT.extend({ charge: id.optional() }) },
  appointments: {
    asked: nothing,
    answer: z.strictObject({ appointments: list(APPOINTMENT.extend({ state: z.enum(['booked', 'arrived']) }), 12) }),
  },
  'check-in': {
    asked: z.strictObject({ appointment: id }),
    answer: z.strictObject({ queue: number, ahead: some, room: words, department: words, doctor: text }),
  },
  charges: { asked: nothing, answer: z.strictObject({ charges: list(CHARGE, 60) }) },
  bill: { asked: z.strictObject({ charges: list(id, 60).min(1) }), answer: bill },
  reports: { asked: nothing, answer: z.strictObject({ reports: list(REPORT, 40) }) },
  report: { asked: z.strictObject({ report: id }), answer: REPORT_SHOWN },
  'report-print': { asked: z.strictObject({ report: id }), answer: z.strictObject({ print: id, left: some }) },
  'report-unprinted': { asked: z.strictObject({ print: id }), answer: z.strictObject({ left: some }) },
  prescriptions: { asked: nothing, answer: z.strictObject({ patient, prescriptions: list(PRESCRIPTION, 20) }) },
  'hand-over': { asked: z.strictObject({ prescription: id }), answer: z.strictObject({ number, at: time }) },
  admission: { asked: nothing, answer: ADMISSION_ORDER },
  admit: {
    asked: z.strictObject({ order: id, contact: CONTACT, consent: some.describe('the version agreed to') }),
    answer: z.strictObject({ stay: number, ward: words, bed: text, deposit: fen.describe('still due') }),
  },
  deposit: {
    asked: nothing,
    answer: z.strictObject({
      stay: number,
      ward: words,
      balance: z.int().min(-100_000_000).max(100_000_000),
      offered: list(fen.min(1), 6),
      least: fen.min(1),
      most: fen.min(1),
    }),
  },
  'deposit-bill': { asked: z.strictObject({ amount: fen.min(1) }), answer: bill },
  expenses: { asked: nothing, answer: EXPENSES },
  'expense-day': { asked: z.strictObject({ day }), answer: EXPENSE_DAY },
} as const;

export type ClinicWord = keyof typeof CLINIC;
export type ClinicAsked<W extends ClinicWord> = z.output<(typeof CLINIC)[W]['asked']>;
export type ClinicAnswer<W extends ClinicWord> = z.output<(typeof CLINIC)[W]['answer']>;
