/** The county as tiles, darker where more was presented, with a dot where a terminal wants looking at. A schematic: no outline is claimed. */
import type { ReportLine } from '../counts.js';
import { TOWNSHIPS, type Township, UNKNOWN_TOWNSHIP } from '../townships.js';
import { number } from './dom.js';

const WIDE = 124;
const HIGH = 84;
const GAP = 8;
const SVG = 'http://www.w3.org/2000/svg';

/** The tile of what nobody said where it is stands apart, in the corner that the county leaves free. */
const UNKNOWN: Township = { ...UNKNOWN_TOWNSHIP, column: 4, row: 4 };
const TILES = [...TOWNSHIPS, UNKNOWN];
const COLUMNS = 1 + Math.max(...TILES.map(({ column }) => column));
const ROWS = 1 + Math.max(...TILES.map(({ row }) => row));

export interface MapParts {
  readonly lines: readonly ReportLine[];
  /** Names of townships with a terminal that is not as it should be. */
  readonly troubled: ReadonlySet<string>;
}

export function drawMap({ lines, troubled }: MapParts): SVGElement {
  const presented = new Map(lines.map((line) => [line.by, line.presented]));
  const most = Math.max(1, ...presented.values());
  const picture = svg('svg', { viewBox: `0 0 ${COLUMNS * (WIDE + GAP) - GAP} ${ROWS * (HIGH + GAP) - GAP}`, role: 'img' });
  picture.setAttribute('aria-label', '各乡镇亮码示意图，数字同右表 · schematic of the townships; the table beside it has the same figures');
  for (const one of TILES) {
    const count = presented.get(one.zh) ?? 0;
    picture.append(tile(one, { count, step: stepOf(count, most), troubled: troubled.has(one.zh) }));
  }
  return picture;
}

interface Told {
  readonly count: number;
  readonly step: number;
  readonly troubled: boolean;
}

function tile(one: Township, { count, step, troubled }: Told): SVGElement {
  const [x, y] = [one.column * (WIDE + GAP), one.row * (HIGH + GAP)];
  const group = svg('g', { class: `s${step}${one === UNKNOWN ? ' unknown' : ''}`, 'data-township': one.zh });
  const box = svg('rect', { x: x + 0.5, y: y + 0.5, width: WIDE - 1, height: HIGH - 1, rx: 10 });
  const middle = x + WIDE / 2;
  const text = (className: string, at: number, said: string): SVGElement => {
    const made = svg('text', { class: className, x: middle, y: y + at });
    made.textContent = said;
    return made;
  };
  const name = text('en', 42, one.en);
  name.setAttribute('lang', 'en');
  group.append(box, text('zh', 25, one.zh), name, text('count', 69, number.format(count)));
  if (troubled) group.append(svg('circle', { cx: x + WIDE - 14, cy: y + 14, r: 6 }));
  return group;
}

const STEPS = 5;

/** By the logarithm: a county has one large town and many small places. 0: nothing. */
function stepOf(count: number, most: number): number {
  if (count === 0) return 0;
  return Math.max(1, Math.ceil((STEPS * Math.log1p(count)) / Math.log1p(most)));
}

function svg(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
