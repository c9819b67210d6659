/** How many were inside over time: steps, since nobody comes by halves. */
import type { MeetingView } from '../organiser-view.js';

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [900, 240, 44, 28, 14];

const clock = new Intl.DateTimeFormat('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: 'Asia/Shanghai' });
export const clockOf = (at: number | null): string => (at === null ? '' : clock.format(at));

type Curve = Pick<MeetingView, 'curve' | 'from' | 'until'>;

export function Curve({ curve, from, until }: Curve) {
  const most = Math.max(1, ...curve.map(([, inside]) => inside));
  const first = Math.min(from, curve[0]?.[0] ?? from);
  const last = Math.max(until, curve.at(-1)?.[0] ?? until);
  const x = (at: number): number => LEFT + ((at - first) / Math.max(1, last - first)) * (WIDTH - LEFT - 12);
  const y = (inside: number): number => HEIGHT - BOTTOM - (inside / most) * (HEIGHT - BOTTOM - TOP);
  const steps = curve.map(([at, inside], i) => `${i === 0 ? `M${x(at)} ${y(0)}` : `H${x(at)}`} V${y(inside)}`).join(' ');
  const end = x(curve.at(-1)?.[0] ?? first);
  const marks = [0, Math.ceil(most / 2), most].filter((one, i, all) => all.indexOf(one) === i);
  const times = [0, 0.25, 0.5, 0.75, 1].map((part) => first + part * (last - first));
  return (
    <svg
      class="curve"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`在场人数，最多 ${most} 人 · people inside, ${most} at most`}
    >
      {marks.map((mark) => (
        <g key={mark}>
          <line class="grid" x1={LEFT} x2={WIDTH - 12} y1={y(mark)} y2={y(mark)} />
          <text x={LEFT - 8} y={y(mark) + 4} text-anchor="end">
            {mark}
          </text>
        </g>
      ))}
      {[from, until].map((at) => (
        <line key={at} class="mark" x1={x(at)} x2={x(at)} y1={TOP} y2={HEIGHT - BOTTOM} />
      ))}
      {steps !== '' && <path class="area" d={`${steps} V${y(0)} Z`} />}
      {steps !== '' && <path class="line" d={steps} data-end={end} />}
      {times.map((at, i) => (
        <text key={at} x={x(at)} y={HEIGHT - 8} text-anchor={i === 0 ? 'start' : i === 4 ? 'end' : 'middle'}>
          {clockOf(at)}
        </text>
      ))}
    </svg>
  );
}
