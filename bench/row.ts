/** One line of a bench: a figure beside its peer or limit, measured in the same run. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, and what that came to. */
  readonly beside: string;
  /** value ÷ the thing beside it. */
  readonly ratio: number;
  readonly must?: string;
  readonly aim?: string;
}

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function line({ what, value, unit, beside, ratio, must, aim }: Row): string {
  const bars = [must && `must ${must}`, aim && `aim ${aim}`].filter(Boolean).join(', ');
  return `${what.padEnd(58)} ${value.toPrecision(4).padStart(10)} ${unit.padEnd(6)} ${ratio.toFixed(2).padStart(8)} × ${beside}  ${bars}`;
}

/** Prints a table and one JSON line. */
export function print(rows: readonly Row[]): void {
  for (const row of rows) console.log(line(row));
  console.log(JSON.stringify({ bench: rows }));
}
