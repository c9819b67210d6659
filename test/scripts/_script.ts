/** What a script of a conversation is: one file for each scene of a desk, played by conversations.test.ts. */
import type { Facts, Json, Printed, Prompt, Told } from '../../src/contracts.js';
import type { Charged } from '../../src/station/visit.js';

/** What the person does at a prompt. `code`: their own code; `card`: their own card; `other`, `other-card`: somebody else's; or any text. */
export type Deed =
  | { readonly does: 'shows'; readonly what: 'code' | 'expired' | 'card' | 'other' | 'other-card' | { readonly text: string } }
  | { readonly does: 'types'; readonly text: string }
  | { readonly does: 'answers'; readonly value: Json };

export interface Step {
  readonly at: Prompt['kind'];
  readonly deed: Deed;
  /** What the page says there, in either language. */
  readonly reads?: RegExp;
}

export interface Script {
  /** A sentence that the person would understand. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** What the scene kept on this box before. */
  readonly kept?: Json;
  /** Instead of the data of all scripts. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What the platform says to each question, in order; 'silent': no answer in time. Absent: there is no line at all. */
  readonly answers?: readonly ({ readonly status: 'ok' | 'refused' | 'unknown'; readonly body: Json } | 'silent')[];
  /** How each question reads, in order: `clinic/check-in {"appointment":"a-1"} of them`, the last where it is about who stands there. */
  readonly asks?: readonly RegExp[];
  /** What comes of each bill that somebody pays, in order; absent: all are paid. */
  readonly charges?: readonly Charged[];
  /** What the printer says to each paper; absent: it prints. */
  readonly printer?: Printed;
  /** What the workstation is told, in order; `false` before it: it does not say that it has it. */
  readonly hands?: readonly (Told | false)[];
  /** What each paper that is printed reads, in order. */
  readonly prints?: readonly RegExp[];
  /** Entries that the visit leaves beside verdicts and its end. `personal`: what is sealed with the person; null: nothing is sealed. */
  readonly leaves: readonly { readonly kind: string; readonly facts: Facts; readonly personal: Facts | null }[];
}

export interface Scripts {
  /** Only a part of the scene needs the data: a script of its own plays that part without it. */
  readonly partly?: true;
  readonly data: Readonly<Record<string, unknown>>;
  readonly settings: unknown;
  readonly scripts: readonly Script[];
}

export const shows = (what: Extract<Deed, { does: 'shows' }>['what']): Deed => ({ does: 'shows', what });
/** In a search: what is found stands there afterwards. */
export const types = (text: string): Deed => ({ does: 'types', text });
export const answers = (value: Json): Deed => ({ does: 'answers', value });
