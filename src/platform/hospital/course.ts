/** What a day at the reference hospital brings to somebody who has got a card there: charges, prescriptions, reports, an order for admission. Synthetic. */
import type {
  Account,
  ChargeItem,
  DiagnosticReport,
  FhirResource,
  Invoice,
  MedicationRequest,
  Observation,
  Patient,
  ServiceRequest,
} from 'fhir/r4.js';
import type { Instant, Words } from '../../contracts.js';
import { CODE, EXTENSION } from '../fhir/names.js';
import { hashOf, WARD } from './seed.js';
import { conceptOf, dice, iso, marked, moneyExtension, to, yuan } from './synthetic.js';

const words = (zh: string, en: string): Words => ({ zh, en });
const DEPARTMENT = to('HealthcareService/internal', words('内科', 'Internal medicine'));
const DOCTOR = to('PractitionerRole/internal-1', words('测试医生11', 'Dr Test 11'));
const HOUR = 3_600_000;

interface Course {
  readonly patient: Patient;
  readonly seed: number;
  readonly now: Instant;
}

/** What follows at the hospital when somebody gets a card, or comes to stay. */
export function followOf(resource: FhirResource, seed: number, now: Instant): readonly FhirResource[] {
  if (resource.resourceType === 'Patient') return courseOf({ patient: resource, seed, now });
  return resource.resourceType === 'Account' ? careOf(resource, now) : [];
}

/** In an order in which nothing refers to what comes later. */
function courseOf(course: Course): readonly FhirResource[] {
  const { patient, seed } = course;
  const roll = dice(seed ^ hashOf(patient.identifier?.[0]?.value ?? ''));
  /** In fen, odd amounts as real ones are. */
  const price = (least: number): number => least + Math.floor(roll() * 9_973);
  const paid = invoiceOf(course, 'drugs-paid', { what: words('药费', 'Medicines'), fen: price(3_000), status: 'balanced' });
  const drugs = invoiceOf(course, 'drugs', { what: words('药费', 'Medicines'), fen: price(4_000), status: 'issued' });
  const laboratory = invoiceOf(course, 'laboratory', { what: words('检验费', 'Laboratory'), fen: price(5_000), status: 'issued' });
  const all = [
    paid,
    drugs,
    laboratory,
    ...medicinesOf(course, paid, '1'),
    ...medicinesOf(course, drugs, '2'),
    ...reportsOf(course),
    orderOf(course),
  ];
  return all.map(marked);
}

interface Charged {
  readonly what: Words;
  readonly fen: number;
  readonly status: Invoice['status'];
}

function invoiceOf({ patient, now }: Course, id: string, { what, fen, status }: Charged): Invoice {
  return {
    resourceType: 'Invoice',
    id: `${patient.id}-${id}`,
    status,
    type: conceptOf(what),
    subject: to(`Patient/${patient.id}`),
    date: iso(now - HOUR),
    totalNet: yuan(fen),
  };
}

const MEDICINES = [
  { what: words('阿莫西林胶囊 0.25 g（演示）', 'Amoxicillin capsules 0.25 g (demo)'), boxes: 2, use: '一次 2 粒，一日 3 次，饭后服' },
  { what: words('布洛芬缓释胶囊 0.3 g（演示）', 'Ibuprofen 0.3 g (demo)'), boxes: 1, use: '一次 1 粒，一日 2 次' },
] as const;

function medicinesOf({ patient, now }: Course, invoice: Invoice, number: string): readonly MedicationRequest[] {
  return MEDICINES.map(({ what, boxes, use }, i) => ({
    resourceType: 'MedicationRequest',
    id: `${patient.id}-rx${number}-${i + 1}`,
    status: 'active',
    intent: 'order',
    groupIdentifier: { value: `${patient.id}-rx${number}` },
    subject: to(`Patient/${patient.id}`),
    requester: DOCTOR,
    performer: DEPARTMENT,
    authoredOn: iso(now - HOUR),
    supportingInformation: [to(`Invoice/${invoice.id}`)],
    medicationCodeableConcept: conceptOf(what),
    dosageInstruction: [{ text: use }],
    dispenseRequest: { quantity: { value: boxes, unit: '盒' } },
  }));
}

const RESULTS = [
  { label: words('白细胞', 'White blood cells'), value: 11.2, unit: '10^9/L', range: '3.5–9.5', flag: 'H' },
  { label: words('血红蛋白', 'Haemoglobin'), value: 131, unit: 'g/L', range: '115–150', flag: 'N' },
  { label: words('血小板', 'Platelets'), value: 96, unit: '10^9/L', range: '125–350', flag: 'L' },
] as const;

function reportsOf(course: Course): readonly (Observation | DiagnosticReport)[] {
  const { patient, now } = course;
  const results = RESULTS.map(
    ({ label, value, unit, range, flag }, i): Observation => ({
      resourceType: 'Observation',
      id: `${patient.id}-blood-${i + 1}`,
      status: 'final',
      code: conceptOf(label),
      subject: to(`Patient/${patient.id}`),
      valueQuantity: { value, unit },
      referenceRange: [{ text: range }],
      interpretation: [{ coding: [{ system: CODE.interpretation, code: flag }] }],
    }),
  );
  const report = (id: string, what: Words, rest: Partial<DiagnosticReport>): DiagnosticReport => ({
    resourceType: 'DiagnosticReport',
    id: `${patient.id}-${id}`,
    status: 'final',
    code: conceptOf(what),
    subject: to(`Patient/${patient.id}`),
    issued: iso(now - HOUR),
    extension: [{ url: EXTENSION.printLimit, valueInteger: 2 }],
    ...rest,
  });
  const confidential = { security: [{ system: CODE.confidentiality, code: 'R' }] };
  return [
    ...results,
    report('blood', words('血常规', 'Blood count'), { result: results.map(({ id }) => to(`Observation/${id}`)) }),
    report('sonogram', words('腹部超声', 'Abdominal ultrasound'), { conclusion: '肝胆胰脾未见明显异常（演示）。' }),
    report('scan', words('胸部 CT', 'Chest CT'), { status: 'preliminary', conclusion: '待审核' }),
    report('special', words('专项检验', 'Special test'), { meta: confidential, conclusion: '请由医生解读' }),
  ];
}

const orderOf = ({ patient, now }: Course): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: `${patient.id}-admission`,
  status: 'active',
  intent: 'order',
  category: [{ coding: [{ system: CODE.admission, code: 'admission' }] }],
  subject: to(`Patient/${patient.id}`),
  requester: DOCTOR,
  performer: [DEPARTMENT],
  locationReference: [to(`Location/${WARD.id}`, WARD.name)],
  authoredOn: iso(now - HOUR),
  extension: [moneyExtension(EXTENSION.deposit, 200_000)],
});

/** What a ward writes down in a day, and the invoice over it. */
export function careOf(account: Account, now: Instant): readonly FhirResource[] {
  const subject = account.subject?.[0] ?? {};
  const items = CARE.map(
    ({ category, what, count, fen }, i): ChargeItem => ({
      resourceType: 'ChargeItem',
      id: `${account.id}-${iso(now).slice(0, 10)}-${i + 1}`,
      status: 'billed',
      subject,
      account: [to(`Account/${account.id}`)],
      code: conceptOf(what, [{ system: CODE.category, code: category }]),
      occurrenceDateTime: iso(now),
      quantity: { value: count },
      priceOverride: yuan(fen),
    }),
  );
  const invoice: Invoice = {
    resourceType: 'Invoice',
    id: `${account.id}-${iso(now).slice(0, 10)}`,
    status: 'issued',
    type: conceptOf(words('住院费用', 'Inpatient charges')),
    subject,
    account: to(`Account/${account.id}`),
    date: iso(now),
    totalNet: yuan(CARE.reduce((sum, { fen }) => sum + fen, 0)),
  };
  return [...items, invoice].map(marked);
}

const CARE = [
  { category: 'bed', what: words('三人间床位费', 'Bed, room of three'), count: 1, fen: 4_500 },
  { category: 'nursing', what: words('二级护理', 'Nursing, level 2'), count: 1, fen: 2_415 },
  { category: 'laboratory', what: words('生化全套', 'Biochemistry panel'), count: 1, fen: 12_633 },
  { category: 'medicine', what: words('0.9% 氯化钠注射液 250 ml', 'Sodium chloride 0.9%, 250 ml'), count: 3, fen: 1_197 },
] as const;
