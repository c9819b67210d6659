/** What the county's board shows, as plain data; nothing personal. Pure. */
import type { Instant, Words } from '../contracts.js';
import type { State } from '../messages/state.js';
import type { Placed, ReportLine } from './counts.js';
import type { Alarm, Rejected } from './store.js';
import type { Place, Submitted } from './store-places.js';
import type { SubmissionLine } from './submissions.js';

/** What the programme expects of a year: holders, presentations, verifications. */
export const TARGETS = { holders: 330_000, presented: 8_300_000, verified: 6_640_000 } as const;

export interface TerminalLine {
  readonly id: string;
  readonly checkpoint: string;
  readonly township: string;
  readonly struck: boolean;
  /** What it last said of itself (messages/state.ts), and when that came; null: nothing yet. */
  readonly state: State | null;
  readonly at: Instant | null;
  readonly journals: readonly { readonly journal: string; readonly stored: number; readonly ahead: number; readonly forks: number }[];
}

/** What scenes are called, by name. */
export type SceneTitles = Readonly<Record<string, Words>>;

/** What `ankang report` is made of. */
export interface ReportSource {
  readonly tallies: readonly Placed[];
  readonly holders: number;
  readonly submitted: readonly Submitted[];
}

export interface Board {
  readonly region: string;
  readonly now: Instant;
  readonly targets: typeof TARGETS;
  readonly holders: number;
  readonly manifest: { readonly seq: number; readonly ageSeconds: number } | null;
  readonly total: ReportLine;
  readonly today: ReportLine;
  readonly scenes: readonly ReportLine[];
  readonly titles: SceneTitles;
  readonly checkpoints: readonly ReportLine[];
  readonly places: readonly Place[];
  readonly townships: readonly ReportLine[];
  readonly days: readonly ReportLine[];
  readonly submissions: readonly SubmissionLine[];
  readonly terminals: readonly TerminalLine[];
  readonly alarms: readonly Alarm[];
  readonly rejected: readonly Rejected[];
}
