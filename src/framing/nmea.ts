/** Positions from NMEA 0183: sentence GGA, the one that says how good its fix is. Pure. */

export interface Fix {
  /** Degrees, north and east positive. */
  readonly latitude: number;
  readonly longitude: number;
  readonly satellites: number;
  /** Horizontal dilution of precision: 1 is ideal, above 5 it is poor. */
  readonly dilution: number;
}

/** 6 estimated, 7 typed in, 8 simulated: no position of now. */
const MEASURED = ['1', '2', '3', '4', '5', '9'];

/** The fix; `none`: the receiver sees too little; undefined: another sentence, or one whose checksum is wrong. */
export function fixOf(line: string): Fix | 'none' | undefined {
  const [, body = '', sum = ''] = /^\$([\x20-\x7e]{1,120})\*([0-9A-Fa-f]{2})$/.exec(line) ?? [];
  const [name, , latitude = '', north = '', longitude = '', east = '', quality = '', satellites = '', dilution = ''] = body.split(',');
  if (!name || !/^[A-Z]{2}GGA$/.test(name) || checksum(body) !== Number.parseInt(sum, 16)) return undefined;
  const [y, x] = [degrees(latitude, north, 'NS'), degrees(longitude, east, 'EW')];
  if (!MEASURED.includes(quality) || y === undefined || x === undefined) return 'none';
  if (!/^\d{1,2}$/.test(satellites) || !/^\d{1,2}(?:\.\d+)?$/.test(dilution)) return 'none';
  return { latitude: y, longitude: x, satellites: Number(satellites), dilution: Number(dilution) };
}

function checksum(body: string): number {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return sum;
}

/** `ddmm.mmmm` and its hemisphere. */
function degrees(text: string, hemisphere: string, [positive, negative]: string): number | undefined {
  const [, whole, minutes] = /^(\d{2,3})([0-5]\d(?:\.\d{1,8})?)$/.exec(text) ?? [];
  if (whole === undefined || minutes === undefined || (hemisphere !== positive && hemisphere !== negative)) return undefined;
  const value = Number(whole) + Number(minutes) / 60;
  if (value > (positive === 'N' ? 90 : 180)) return undefined;
  return hemisphere === positive ? value : -value;
}

/** Metres between two places that are near each other. */
export function metresBetween(a: Pick<Fix, 'latitude' | 'longitude'>, b: Pick<Fix, 'latitude' | 'longitude'>): number {
  const DEGREE = 111_195;
  const north = (a.latitude - b.latitude) * DEGREE;
  const east = (a.longitude - b.longitude) * DEGREE * Math.cos((((a.latitude + b.latitude) / 2) * Math.PI) / 180);
  return Math.hypot(north, east);
}
