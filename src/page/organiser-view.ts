/** What the page of organisers and clerks shows, as plain data. */
import type { Instant, Meeting, MeetingCount, Report, StaffRole, Words } from '../contracts.js';

export interface MeetingSummary extends Meeting {
  readonly state: 'before' | 'on' | 'closed';
}

export interface AttendeeView {
  /** In this meeting at this box. */
  readonly number: number;
  /** null: no list is loaded that names them. */
  readonly name: string | null;
  readonly state: 'present' | 'left' | 'absent';
  readonly late: boolean;
  readonly leftEarly: boolean;
  readonly first: Instant | null;
  readonly last: Instant | null;
  readonly minutes: number;
}

export interface MeetingView extends MeetingSummary, MeetingCount {
  readonly absent: number;
  readonly late: number;
  readonly leftEarly: number;
  /** Of those who came. */
  readonly averageMinutes: number;
  readonly curve: readonly (readonly [Instant, number])[];
  readonly people: readonly AttendeeView[];
  readonly list: {
    readonly working: { readonly done: number; readonly of: number } | null;
    readonly named: number;
    readonly faults: readonly { readonly line: number; readonly words: Words }[];
  };
}

export interface StaffView {
  readonly terminal: string;
  readonly role: StaffRole;
  readonly now: Instant;
  readonly meetings: readonly MeetingSummary[];
  readonly meeting: MeetingView | null;
}

/** What the routes need of the terminal. */
export interface StaffPage {
  /** By the code that a desk showed: once. undefined: there is no such code. */
  begin(code: string): { readonly token: string; readonly seconds: number } | undefined;
  role(token: string): StaffRole | undefined;
  end(token: string): void;
  view(role: StaffRole, meeting: string | undefined): StaffView;
  /** False: not now, or no such meeting. */
  load(meeting: string, bytes: Uint8Array): boolean;
  forgetNames(meeting: string): void;
  close(meeting: string): boolean;
  report(days: number): Promise<Report>;
  onChange(listener: () => void): () => void;
}
