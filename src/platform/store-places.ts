/** What the county's board is told of checkpoints, and how much the services keep, as the county's store holds it. */

export interface Place {
  /** The checkpoint. */
  readonly name: string;
  /** Chinese name of a township (townships.ts). */
  readonly township: string;
  /** What people call it; '': nothing was said. */
  readonly title: string;
}

/** How many records of a kind were kept for a day; no word of whom. */
export interface Submitted {
  /** Kind of the record, or `payment-paid` for money taken and `affair-case` for cases. */
  readonly kind: string;
  /** Of Asia/Shanghai, YYYY-MM-DD. */
  readonly day: string;
  readonly count: number;
}

export interface PlaceStore {
  putPlace(place: Place): Promise<void>;
  places(): Promise<readonly Place[]>;
  submitted(): Promise<readonly Submitted[]>;
}
