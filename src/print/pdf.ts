/** A PDF of one page of A4 with one grey picture on it, in its true size (ISO 32000). */
import { deflateSync } from 'node:zlib';

export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  /** One octet a dot, 0 black. */
  readonly pixels: Uint8Array;
  /** On paper, in mm. */
  readonly mm: { readonly width: number; readonly height: number };
}

const A4 = { width: 210, height: 297 } as const;
const POINTS = 72 / 25.4;
const points = (mm: number): string => (mm * POINTS).toFixed(3);
/** What is smaller than the page stands so far below its upper edge, with marks to cut along. */
const TOP = 15;
const MARK = 5;

export function pdfOf({ width, height, pixels, mm }: GreyPicture): Uint8Array {
  const whole = mm.width >= A4.width;
  const at = whole ? { x: 0, y: 0 } : { x: (A4.width - mm.width) / 2, y: A4.height - TOP - mm.height };
  const placed = `q ${points(mm.width)} 0 0 ${points(mm.height)} ${points(at.x)} ${points(at.y)} cm /P Do Q\n`;
  const page = placed + (whole ? '' : marks(at, mm));
  const image = deflateSync(pixels);
  const objects: readonly (string | readonly [string, Uint8Array])[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${points(A4.width)} ${points(A4.height)}] /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> >> >>`,
    [`<< /Length ${page.length} >>`, Buffer.from(page, 'latin1')],
    [
      `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /Length ${image.length} >>`,
      image,
    ],
  ];
  return file(objects);
}

/** Hairlines at the corners, outside of what is cut out. */
function marks({ x, y }: { readonly x: number; readonly y: number }, { width, height }: GreyPicture['mm']): string {
  const corners = [
    [x, y, -1, -1],
    [x + width, y, 1, -1],
    [x, y + height, -1, 1],
    [x + width, y + height, 1, 1],
  ] as const;
  const line = (...[a, b, c, d]: readonly [number, number, number, number]): string =>
    `${points(a)} ${points(b)} m ${points(c)} ${points(d)} l S\n`;
  return `0.3 w\n${corners.map(([cx, cy, right, up]) => line(cx, cy, cx + right * MARK, cy) + line(cx, cy, cx, cy + up * MARK)).join('')}`;
}

function file(objects: readonly (string | readonly [string, Uint8Array])[]): Uint8Array {
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const add = (...more: readonly Buffer[]): void => {
    parts.push(...more);
    length += more.reduce((sum, part) => sum + part.length, 0);
  };
  for (const [i, object] of objects.entries()) {
    offsets.push(length);
    const [dictionary, stream] = typeof object === 'string' ? [object, undefined] : object;
    add(Buffer.from(`${i + 1} 0 obj\n${dictionary}\n`, 'latin1'));
    if (stream) add(Buffer.from('stream\n', 'latin1'), Buffer.from(stream), Buffer.from('\nendstream\n', 'latin1'));
    add(Buffer.from('endobj\n', 'latin1'));
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  const end = `xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(end, 'latin1')]);
}
