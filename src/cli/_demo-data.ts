/** The demo county's signed data: a few watched medicines, a questionnaire, a PIN for tests. Synthetic. */
import type { z } from 'zod';
import type { DRUGS } from '../messages/drugs.js';
import type { SURVEY } from '../messages/questions.js';

const words = (zh: string, en: string) => ({ zh, en });
const BOXES = words('盒', 'boxes');

/** Of the one who works at the demo's desk. */
export const DEMO_PIN = '2580';

export const DEMO_DRUGS: z.input<typeof DRUGS> = {
  version: 1,
  classes: [
    { id: 'ephedrine', name: words('含麻黄碱类复方制剂', 'Compounds with pseudoephedrine'), unit: BOXES, most: 2, days: 7, purpose: true },
    { id: 'fever', name: words('退热药', 'Fever medicines'), unit: BOXES, most: 3, days: 7 },
    { id: 'cough', name: words('止咳药', 'Cough medicines'), unit: words('瓶', 'bottles'), most: 2, days: 7 },
    { id: 'antiviral', name: words('抗病毒药', 'Antivirals'), unit: BOXES, most: 2, days: 14 },
    { id: 'antibiotic', name: words('抗菌药', 'Antibiotics'), unit: BOXES, most: 2, days: 14, purpose: true },
  ],
  medicines: [
    { code: '6900000000014', name: words('复方伪麻黄碱片（演示）', 'Pseudoephedrine tablets (demo)'), class: 'ephedrine' },
    { code: '6900000000021', name: words('布洛芬胶囊（演示）', 'Ibuprofen capsules (demo)'), class: 'fever' },
  ],
};

const GRADES = [
  { id: '5', label: words('很满意', 'Very good') },
  { id: '4', label: words('满意', 'Good') },
  { id: '3', label: words('一般', 'Fair') },
  { id: '2', label: words('不满意', 'Poor') },
  { id: '1', label: words('很不满意', 'Very poor') },
];

export const DEMO_SURVEY: z.input<typeof SURVEY> = {
  version: 1,
  questions: [
    { id: 'service', ask: words('工作人员的服务您满意吗？', 'How was our staff?'), choices: GRADES },
    { id: 'waiting', ask: words('等候时间您满意吗？', 'How was the waiting time?'), choices: GRADES },
    { id: 'terminal', ask: words('这台机器好用吗？', 'How was this terminal?'), choices: GRADES },
  ],
};
