/** MED-06 as people play it. */
import type { Scripts, Step } from '../_script.js';
import { chooses, IDENTIFIED, obstacles, ok, read, refused, words } from './_answers.js';

const BLOOD = words('血常规', 'Blood count');
const listed = (left: number) =>
  ok('reports', {
    reports: [
      { id: 'r-1', what: BLOOD, day: '2026-11-24', sensitive: false, left },
      { id: 'r-2', what: words('病理检查', 'Pathology'), day: '2026-11-20', sensitive: true, left: 0 },
    ],
  });
const report = (left: number) =>
  ok('report', {
    what: BLOOD,
    day: '2026-11-24',
    patient: '张*山',
    left,
    lines: [
      { label: words('白细胞', 'White cells'), value: '11.2 ×10⁹/L', range: '4–10', flag: 'high' },
      { label: words('血红蛋白', 'Haemoglobin'), value: '132 g/L' },
    ],
    conclusion: words('白细胞偏高', 'White cells are high'),
  });
const COUNTED = ok('report-print', { print: 'p-1', left: 1 });
const looked: readonly Step[] = [
  IDENTIFIED,
  chooses('report.r-1', /血常规.*11月24日 周二 还可打印 2 次.*病理检查.*请由医生解读/),
  read(/血常规.*张\*山.*白细胞.*11\.2 ×10⁹\/L，偏高 ↑，参考 4–10.*132 g\/L.*结论.*白细胞偏高/s),
];
const finished = chooses('finished');

export default {
  data: {},
  settings: {},
  scripts: [
    {
      name: 'a report is shown and printed; one print fewer is left',
      answers: [listed(2), report(2), COUNTED, listed(1)],
      asks: [
        /^clinic\/reports \{\} of them$/,
        /^clinic\/report \{"report":"r-1"\} of them$/,
        /^clinic\/report-print \{"report":"r-1"\} of them$/,
        /^clinic\/reports/,
      ],
      steps: [...looked, chooses('print', /还可打印 2 次/), read(/已打印.*还可打印.*"1"/s), finished],
      prints: [/血常规.*张\*山.*11\.2.*医生解读/s],
      leaves: [],
    },
    {
      name: 'looked at only',
      answers: [listed(2), report(2), listed(2)],
      steps: [...looked, chooses('others'), finished],
      leaves: [],
    },
    {
      name: 'the printer is out of paper: the print is given back',
      answers: [listed(2), report(2), COUNTED, ok('report-unprinted', { left: 2 }), listed(2)],
      printer: 'paper-out',
      asks: [/reports/, /report/, /report-print/, /^clinic\/report-unprinted \{"print":"p-1"\} of them$/],
      steps: [...looked, chooses('print'), read(/没有纸了.*还可打印.*"2"/s), finished],
      prints: [/血常规/],
      leaves: [],
    },
    {
      name: 'no print is left: it is shown, and not offered for printing',
      answers: [listed(0), report(0), listed(0)],
      steps: [IDENTIFIED, chooses('report.r-1', /还可打印 0 次/), read(/白细胞/), finished],
      leaves: [],
    },
    {
      name: 'the last print went elsewhere meanwhile',
      answers: [listed(1), report(1), refused('printed-out'), listed(0)],
      steps: [IDENTIFIED, chooses('report.r-1'), read(/白细胞/), chooses('print'), read(/已打印到规定次数.*人工窗口/), finished],
      leaves: [],
    },
    {
      name: 'a sensitive one is for the doctor to tell',
      answers: [listed(2), refused('sensitive'), listed(2)],
      steps: [IDENTIFIED, chooses('report.r-2'), read(/请由医生为您解读.*诊室/), finished],
      leaves: [],
    },
    {
      name: 'a report that is no longer there',
      answers: [listed(2), refused('unknown'), listed(2)],
      steps: [IDENTIFIED, chooses('report.r-1'), read(/没有查到这一项/), finished],
      leaves: [],
    },
    {
      name: 'none is ready',
      answers: [ok('reports', { reports: [] })],
      steps: [IDENTIFIED, read(/还没有出来的报告.*取单凭条/)],
      leaves: [],
    },
    {
      name: 'the line fails before it may be printed: nothing is printed',
      answers: [listed(2), report(2), 'silent', listed(2)],
      steps: [...looked, chooses('print'), read(/联系不上医院系统/), finished],
      leaves: [],
    },
    ...obstacles(),
  ],
} satisfies Scripts;
