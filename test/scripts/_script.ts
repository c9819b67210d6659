/** What a script of a conversation is: one file for each scene of a desk, played by conversations.test.ts. */
import type { Facts, Json, Prompt } from '../../src/contracts.js';
import type { Charged } from '../../src/station/visit.js';

/** What the person does at a prompt. `code`: their own code; `card`…: bytes as text; a number is a step that is not taken. */
export type Deed =
  | { readonly does: 'shows'; readonly what: 'code' | 'expired' | { readonly text: string } }
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
  /** What the platform says to each question, in order; 'silent': no answer in time. Absent: there is no line at all. */
  readonly answers?: readonly ({ readonly status: 'ok' | 'refused' | 'unknown'; readonly body: Json } | 'silent')[];
  /** What comes of each bill that somebody pays, in order; absent: all are paid. */
  readonly charges?: readonly Charged[];
  /** What each paper that is printed reads, in order. */
  readonly prints?: readonly RegExp[];
  /** Entries that the visit leaves beside verdicts and its end. `personal`: what is sealed with the person; null: nothing is sealed. */
  readonly leaves: readonly { readonly kind: string; readonly facts: Facts; readonly personal: Facts | null }[];
}

export interface Scripts {
  readonly data: Readonly<Record<string, unknown>>;
  /** The data is wanted only on some ways: without it the scene begins all the same. */
  readonly asksDataLater?: true;
  readonly settings: unknown;
  readonly scripts: readonly Script[];
}

export const shows = (what: Extract<Deed, { does: 'shows' }>['what']): Deed => ({ does: 'shows', what });
export const answers = (value: Json): Deed => ({ does: 'answers', value });
