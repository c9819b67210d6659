/** Refusals of a scene: when several hold, the word is the first of wire.md 2. Pure. */
import { type Facts, type Judgement, REFUSALS, type Refusal } from '../contracts.js';

export type Refused = Extract<Judgement, { admit: false }>;

/** `why`: a key of the scene's words; goes to the public entry, so it names no person. */
export function refuse(refusal: Refusal, why: string, more: Facts = {}): Refused {
  return { admit: false, refusal, note: { why, ...more } };
}

export function firstOf(refusals: readonly (Refused | undefined)[]): Refused | undefined {
  const held = refusals.filter((one) => one !== undefined);
  return held.sort((a, b) => REFUSALS.indexOf(a.refusal) - REFUSALS.indexOf(b.refusal))[0];
}
