/**
 * The life of a case, as a table:
 *
 *   submitted ─accept→ accepted ─decide→ decided ─deliver→ delivered
 *       └─return→ returned ─accept→ accepted       (accepted ─return→ returned)
 */
import { CASE_STATES, type CaseState } from '../../messages/affairs.js';

export const VERBS = ['accept', 'return', 'decide', 'deliver'] as const;
export type Verb = (typeof VERBS)[number];

const LIFE: Readonly<Record<CaseState, Partial<Readonly<Record<Verb, CaseState>>>>> = {
  submitted: { accept: 'accepted', return: 'returned' },
  accepted: { decide: 'decided', return: 'returned' },
  returned: { accept: 'accepted' },
  decided: { deliver: 'delivered' },
  delivered: {},
};

/** undefined: it cannot be done with a case of this state. */
export const after = (state: CaseState, verb: Verb): CaseState | undefined => LIFE[state][verb];

/** What may be done with a case of this state. */
export const verbsOf = (state: CaseState): readonly Verb[] => VERBS.filter((verb) => LIFE[state][verb] !== undefined);

/** What somebody must be told why. */
export const wantsNote = (verb: Verb): boolean => verb === 'return';

export const isState = (text: string): text is CaseState => (CASE_STATES as readonly string[]).includes(text);
