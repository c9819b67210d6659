/** The reference hospital as it opens in the morning: departments, doctors, a week of slots, wards and beds, the consent. Synthetic; the same for a seed. */
import type { FhirResource, Location, Questionnaire, Slot } from 'fhir/r4.js';
import type { Instant, Words } from '../../contracts.js';
import { localTime } from '../../messages/calendar.js';
import { CODE, EXTENSION, KEY } from '../fhir/names.js';
import type { Resources } from './resources.js';
import { conceptOf, dice, english, iso, marked, moneyExtension, to } from './synthetic.js';

const words = (zh: string, en: string): Words => ({ zh, en });

interface Department {
  readonly id: string;
  readonly name: Words;
  readonly doctors: number;
  /** Round the clock. */
  readonly always?: true;
}

const DEPARTMENTS: readonly Department[] = [
  { id: 'internal', name: words('内科', 'Internal medicine'), doctors: 3 },
  { id: 'surgery', name: words('外科', 'Surgery'), doctors: 2 },
  { id: 'paediatrics', name: words('儿科', 'Paediatrics'), doctors: 2 },
  { id: 'gynaecology', name: words('妇产科', 'Gynaecology and obstetrics'), doctors: 2 },
  { id: 'eyes', name: words('眼科', 'Ophthalmology'), doctors: 1 },
  { id: 'emergency', name: words('急诊科', 'Emergency'), doctors: 1, always: true },
];

const RANKS = [
  { title: words('主任医师', 'Chief physician'), fee: 2500 },
  { title: words('副主任医师', 'Associate chief physician'), fee: 1500 },
  { title: words('主治医师', 'Attending physician'), fee: 600 },
] as const;

export const WARD = { id: 'ward-internal', name: words('内科病区', 'Internal medicine ward') } as const;
const BEDS = 6;
export const CONSENT_VERSION = 3;

const DAYS = 7;
const DAY_MS = 86_400_000;
const SLOT_MS = 30 * 60_000;
/** Of the day in Asia/Shanghai, in minutes. */
const HOURS = [
  [8 * 60, 11 * 60 + 30],
  [14 * 60, 17 * 60],
] as const;
/** Of a hundred slots so many are taken by others. */
const TAKEN = 0.25;

export interface Seeded {
  readonly seed: number;
  readonly now: Instant;
}

/** Adds what is not there yet: today's day may be another than yesterday's. */
export function seedHospital({ resources, ...seeded }: Seeded & { readonly resources: Resources }): void {
  for (const one of hospitalOf(seeded)) if (!resources.get(one.resourceType, one.id ?? '')) resources.put(one);
}

export function hospitalOf(seeded: Seeded): readonly FhirResource[] {
  return [...DEPARTMENTS.flatMap((department) => departmentOf(department, seeded)), ...wardOf(), consent].map(marked);
}

function departmentOf(department: Department, seeded: Seeded): readonly FhirResource[] {
  const { id, name, doctors } = department;
  const doctorIds = Array.from({ length: doctors }, (_, i) => `${id}-${i + 1}`);
  return [
    { resourceType: 'HealthcareService', id, active: true, name: name.zh, _name: english(name.en) },
    ...doctorIds.flatMap((doctor, i) => doctorOf(department, { doctor, rank: RANKS[i % RANKS.length] ?? RANKS[0], number: i }, seeded)),
  ];
}

interface Doctor {
  readonly doctor: string;
  readonly rank: (typeof RANKS)[number];
  readonly number: number;
}

function doctorOf({ id, name, always }: Department, { doctor, rank, number }: Doctor, seeded: Seeded): readonly FhirResource[] {
  const floor = DEPARTMENTS.findIndex((one) => one.id === id) + 1;
  const room = words(`${floor} 楼 ${floor}0${number + 1} 诊室`, `Room ${floor}0${number + 1}, floor ${floor}`);
  const known = words(`测试医生${floor}${number + 1}`, `Dr Test ${floor}${number + 1}`);
  const actor = [to(`PractitionerRole/${doctor}`, known), to(`HealthcareService/${id}`, name), to(`Location/room-${doctor}`, room)];
  const service = [to(`HealthcareService/${id}`, name)];
  return [
    { resourceType: 'Location', id: `room-${doctor}`, status: 'active', name: room.zh },
    {
      resourceType: 'PractitionerRole',
      id: doctor,
      active: true,
      practitioner: { display: known.zh },
      healthcareService: service,
      code: [conceptOf(rank.title)],
    },
    { resourceType: 'Schedule', id: doctor, active: true, actor, extension: [moneyExtension(EXTENSION.fee, rank.fee)] },
    ...slotsOf(doctor, always === true ? [[0, 24 * 60]] : HOURS, seeded),
  ];
}

function slotsOf(doctor: string, hours: readonly (readonly [number, number])[], { seed, now }: Seeded): readonly Slot[] {
  const today = Date.parse(`${localTime(now).day}T00:00:00+08:00`);
  return Array.from({ length: DAYS }, (_, n) => today + n * DAY_MS).flatMap((day) => {
    const { day: name } = localTime(day);
    const roll = dice(seed ^ hashOf(`${doctor} ${name}`));
    return hours.flatMap(([from, until]) =>
      Array.from({ length: (until - from) / 30 }, (_, i) => day + from * 60_000 + i * SLOT_MS).map((start): Slot => {
        const clock = iso(start + 8 * 3_600_000)
          .slice(11, 16)
          .replace(':', '');
        const schedule = to(`Schedule/${doctor}`);
        const status = roll() < TAKEN ? 'busy' : 'free';
        return { resourceType: 'Slot', id: `${doctor}-${name}-${clock}`, schedule, status, start: iso(start), end: iso(start + SLOT_MS) };
      }),
    );
  });
}

export const hashOf = (text: string): number => [...text].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7);

function wardOf(): readonly Location[] {
  const beds = Array.from({ length: BEDS }, (_, i): Location => {
    const bed = words(`${i + 1} 床`, `Bed ${i + 1}`);
    return {
      resourceType: 'Location',
      id: `${WARD.id}-${i + 1}`,
      status: 'active',
      name: bed.zh,
      partOf: to(`Location/${WARD.id}`, WARD.name),
      operationalStatus: { system: CODE.bed, code: 'U' },
    };
  });
  return [{ resourceType: 'Location', id: WARD.id, status: 'active', name: WARD.name.zh }, ...beds];
}

const PARAGRAPHS = [
  words(
    '住院期间请遵守医院的规章制度，配合医护人员的诊疗和护理。',
    'During your stay, please keep the rules of the hospital and follow its doctors and nurses.',
  ),
  words(
    '未经同意不得离开医院；离开造成的后果由本人承担。',
    'Do not leave the hospital without agreement; what follows from leaving is your own responsibility.',
  ),
  words(
    '您有权了解病情、检查和治疗，也有权拒绝。',
    'You have the right to know about your illness, examinations and treatment, and to refuse them.',
  ),
];

const consent: Questionnaire = {
  resourceType: 'Questionnaire',
  id: 'admission-consent',
  identifier: [{ system: KEY.consent, value: 'admission' }],
  version: String(CONSENT_VERSION),
  status: 'active',
  title: '住院知情同意书（演示）',
  item: PARAGRAPHS.map(({ zh, en }, i) => ({ linkId: String(i + 1), type: 'display', text: zh, _text: english(en) })),
};
