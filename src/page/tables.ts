/** What organisers and clerks take away: rows of a table from what their page shows. Pure. */
import type { Instant, Report } from '../contracts.js';
import { localTime } from '../messages/calendar.js';
import type { AttendeeView, MeetingView } from './organiser-view.js';

export type Row = readonly (string | number)[];

const STATE: Readonly<Record<AttendeeView['state'], string>> = { present: '在场 present', left: '已离开 left', absent: '缺席 absent' };

export function attendanceTable({ title, place, from, until, people }: MeetingView): readonly Row[] {
  const head = ['序号 No.', '姓名 name', '状态 state', '签到 in', '签退 out', '分钟 minutes', '迟到 late', '早退 left early'];
  const mark = (on: boolean): string => (on ? '是 yes' : '');
  return [
    [title, place, `${clockOf(from)} – ${clockOf(until)}`],
    head,
    ...people.map((one) => [
      one.number,
      one.name ?? '',
      STATE[one.state],
      one.first === null ? '' : clockOf(one.first),
      one.last === null ? '' : clockOf(one.last),
      one.minutes,
      mark(one.late),
      mark(one.leftEarly),
    ]),
  ];
}

export function reportTable({ from, since, rows }: Report): readonly Row[] {
  return [
    ['自 from', clockOf(from), '本机记录自 kept since', clockOf(since)],
    ['场景 scene', '通道 station', '结果 outcome', '次数 count'],
    ...rows.map(({ scene, station, refusal, count }) => [scene, station, refusal === '' ? '放行 admitted' : refusal, count]),
  ];
}

/** 2026-03-02 09:05, of Asia/Shanghai. */
function clockOf(at: Instant): string {
  const { day, minute } = localTime(at);
  return `${day} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
