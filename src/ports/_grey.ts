/** What can be done to a grey picture before a code is looked for in it. Pure; nothing changes its argument. */

/** One byte a pixel, row by row, 0 black. `pixels` may be longer than width × height; what follows is not looked at. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** One picture in many sizes; what was made once is kept as long as the pyramid is. */
export class Pyramid {
  readonly #halves: Grey[];
  readonly #made = new Map<number, Grey>();

  constructor(picture: Grey) {
    this.#halves = [picture];
  }

  /** The picture with its longer side at most `longest`: halved as often as it goes, the rest by interpolation. */
  at(longest: number): Grey {
    const known = this.#made.get(longest);
    if (known) return known;
    const made = this.#make(longest);
    this.#made.set(longest, made);
    return made;
  }

  #make(longest: number): Grey {
    let small = this.#half(0);
    const longer = Math.max(small.width, small.height);
    if (longer <= longest) return small;
    // Rounded down, so that halving hits the size exactly where it can.
    const width = Math.max(1, Math.floor((small.width * longest) / longer));
    const height = Math.max(1, Math.floor((small.height * longest) / longer));
    for (let n = 1; small.width >= 2 * width && small.height >= 2 * height; n++) small = this.#half(n);
    return small.width === width && small.height === height ? small : interpolated(small, width, height);
  }

  #half(times: number): Grey {
    const known = this.#halves[times];
    if (known) return known;
    const half = halved(this.#half(times - 1));
    this.#halves.push(half);
    return half;
  }
}

/** Means of squares of four. */
function halved(picture: Grey): Grey {
  const { width, height, pixels } = picture;
  if (width % 4 === 0 && pixels.byteOffset % 4 === 0) return halvedByWords(picture);
  const [w, h] = [width >> 1, height >> 1];
  const out = new Uint8Array(w * h);
  for (let y = 0, to = 0; y < h; y++) {
    for (let x = 0, at = 2 * y * width; x < w; x++, at += 2, to++) {
      out[to] = (px(pixels, at) + px(pixels, at + 1) + px(pixels, at + width) + px(pixels, at + width + 1) + 2) >> 2;
    }
  }
  return { width: w, height: h, pixels: out };
}

/** The same, eight pixels at a time: two sums side by side in one word. Halving a photograph is most of a quick look at it. */
function halvedByWords({ width, height, pixels }: Grey): Grey {
  const [row, h] = [width >> 2, height >> 1];
  const words = new Int32Array(pixels.buffer, pixels.byteOffset, row * height);
  const out = new Uint16Array(row * h);
  for (let y = 0, to = 0; y < h; y++) {
    for (let x = 0, at = 2 * y * row; x < row; x++, at++, to++) {
      const upper = int(words, at);
      const lower = int(words, at + row);
      const sums = (upper & 0xff00ff) + ((upper >>> 8) & 0xff00ff) + (lower & 0xff00ff) + ((lower >>> 8) & 0xff00ff) + 0x20002;
      out[to] = ((sums >> 2) & 0xff) | ((sums >> 10) & 0xff00);
    }
  }
  return { width: width >> 1, height: h, pixels: new Uint8Array(out.buffer) };
}

/** Bilinear, in 8 bits of fraction; for ratios of less than two. */
function interpolated({ width, height, pixels }: Grey, w: number, h: number): Grey {
  const out = new Uint8Array(w * h);
  const columns = places(width, w);
  const rows = places(height, h);
  for (let y = 0, to = 0; y < h; y++) {
    const row = int(rows, y);
    const above = (row >> 8) * width;
    const below = height > 1 ? above + width : above;
    const down = row & 255;
    for (let x = 0; x < w; x++, to++) {
      const at = int(columns, x) >> 8;
      const right = int(columns, x) & 255;
      const next = width > 1 ? at + 1 : at;
      const upper = px(pixels, above + at) * (256 - right) + px(pixels, above + next) * right;
      const lower = px(pixels, below + at) * (256 - right) + px(pixels, below + next) * right;
      out[to] = (upper * (256 - down) + lower * down + 32_768) >> 16;
    }
  }
  return { width: w, height: h, pixels: out };
}

/** Where the centres of `to` pixels fall among `from`, times 256; never so near the edge that there is no neighbour. */
function places(from: number, to: number): Int32Array {
  const last = Math.max(0, (from - 1) * 256 - 1);
  return Int32Array.from({ length: to }, (_, i) => Math.min(last, Math.max(0, Math.round(((i + 0.5) * from * 256) / to - 128))));
}

/**
 * Shadow and glare evened out: every pixel against the mean of the square around it, `radius` pixels each way, contrast
 * raised by half. At the edges the square is what there is of it.
 */
export function levelled({ width, height, pixels }: Grey, radius: number): Grey {
  const out = new Uint8Array(width * height);
  const columns = new Int32Array(width);
  const addRow = (y: number, sign: 1 | -1): void => {
    for (let x = 0, at = y * width; x < width; x++, at++) columns[x] = int(columns, x) + sign * px(pixels, at);
  };
  for (let y = 0; y < Math.min(radius, height); y++) addRow(y, 1);
  for (let y = 0; y < height; y++) {
    if (y + radius < height) addRow(y + radius, 1);
    if (y > radius) addRow(y - radius - 1, -1);
    const rows = Math.min(height - 1, y + radius) - Math.max(0, y - radius) + 1;
    levelRow({ out, pixels, columns, at: y * width, width, radius, rows });
  }
  return { width, height, pixels: out };
}

interface LevelRow {
  readonly out: Uint8Array;
  readonly pixels: Uint8Array;
  readonly columns: Int32Array;
  readonly at: number;
  readonly width: number;
  readonly radius: number;
  readonly rows: number;
}

function levelRow({ out, pixels, columns, at, width, radius, rows }: LevelRow): void {
  let sum = 0;
  for (let x = 0; x < Math.min(radius, width); x++) sum += int(columns, x);
  for (let x = 0; x < width; x++) {
    if (x + radius < width) sum += int(columns, x + radius);
    if (x > radius) sum -= int(columns, x - radius - 1);
    const wide = Math.min(width - 1, x + radius) - Math.max(0, x - radius) + 1;
    const value = (256 + 3 * (px(pixels, at + x) - ((sum / (rows * wide)) | 0))) >> 1;
    out[at + x] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

/** Ink spread by one pixel up, down, left and right: joins the dots of a worn or dotted print. Leaves the outermost pixels. */
export function inked({ width, height, pixels }: Grey): Grey {
  const out = pixels.slice(0, width * height);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
      let darkest = px(pixels, at);
      if (px(pixels, at - 1) < darkest) darkest = px(pixels, at - 1);
      if (px(pixels, at + 1) < darkest) darkest = px(pixels, at + 1);
      if (px(pixels, at - width) < darkest) darkest = px(pixels, at - width);
      if (px(pixels, at + width) < darkest) darkest = px(pixels, at + width);
      out[at] = darkest;
    }
  }
  return { width, height, pixels: out };
}

/** An element that the loops above keep inside the array. Two of a kind: one function for both arrays is slow in V8. */
function px(pixels: Uint8Array, at: number): number {
  return pixels[at] ?? 0;
}

function int(values: Int32Array, at: number): number {
  return values[at] ?? 0;
}
