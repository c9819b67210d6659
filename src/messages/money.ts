/** Money as people read it. Pure. */

/** Fen as yuan with two places: 1230 → 12.30. */
export function yuan(fen: number): string {
  const all = Math.abs(fen);
  return `${fen < 0 ? '-' : ''}${Math.floor(all / 100)}.${String(all % 100).padStart(2, '0')}`;
}
