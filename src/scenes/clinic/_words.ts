/** Words that several scenes of a hospital say. */
import { z } from 'zod';
import type { Words } from '../../contracts.js';

export const words = (zh: string, en: string): Words => ({ zh, en });
/** As the hospital wrote it, in both languages. */
export const same = (text: string): Words => words(text, text);

/** Headings of the menu. */
export const OUTPATIENT = words('门诊', 'Outpatients');
export const INPATIENT = words('住院', 'Inpatients');

/** `hospital`: stands on slips. */
export const SETTINGS = z.strictObject({ hospital: z.string().min(1).max(40).optional().describe('stands on slips') });
export type Settings = z.output<typeof SETTINGS>;

export const COMMON = {
  who: words('请出示安康码、社保卡、身份证或就诊卡', 'Show your code, social security card, ID card or hospital card'),
  next: words('下一步', 'What next'),
  department: words('科室', 'Department'),
  doctor: words('医生', 'Doctor'),
  day: words('日期', 'Day'),
  time: words('时间', 'Time'),
  room: words('诊室', 'Room'),
  fee: words('挂号费', 'Fee'),
  amount: words('金额', 'Amount'),
  total: words('合计', 'Total'),
  ward: words('病区', 'Ward'),
  bed: words('床位', 'Bed'),
  stay: words('住院号', 'Admission number'),
  what: words('项目', 'What for'),
  finished: words('完成', 'Done'),
  back: words('返回', 'Back'),
} as const;
