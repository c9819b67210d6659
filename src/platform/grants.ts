/**
 * Who may ask what (SEC-06): a terminal is given kinds of requests, each for every scene or for one, and the fields that an answer may tell.
 *
 *   credential/resolve   clinic/*   credential/resolve@entry   identity/release@stay:name,idNumber
 *
 * A request for one field more than was given is refused whole.
 */
import type { Grant } from './store-access.js';

/** What a request asks for, as its operation reads it from the body. */
export interface Asks {
  readonly scene: string | undefined;
  readonly fields: readonly string[];
}

/** What lanes ask: whose a code of others is, and how late it is. Anything else is given by name. */
const AT_FIRST = ['credential/resolve', 'command/state'] as const;

export const firstGrants = (terminal: string): readonly Grant[] => AT_FIRST.map((kind) => ({ terminal, kind, scene: '', field: '' }));

/** `grants`: those of the terminal that asks. */
export function permits(grants: readonly Grant[], operation: string, { scene, fields }: Asks): boolean {
  const all = operation.replace(/\/.*$/, '/*');
  const mine = grants.filter((one) => (one.kind === operation || one.kind === all) && (one.scene === '' || one.scene === scene));
  const given = new Set(mine.map(({ field }) => field));
  return given.has('') && fields.every((field) => given.has(field));
}

/** A grant as it is written in an order; scene '': every scene. */
export interface GrantWord {
  readonly kind: string;
  readonly scene: string;
  readonly fields: readonly string[];
}

const WORD =
  /^([a-z][a-z0-9-]{0,31}\/(?:[a-z][a-z0-9-]{0,31}|\*))(?:@([a-z][a-z0-9/-]{0,63}))?(?::([A-Za-z][A-Za-z0-9]{0,31}(?:,[A-Za-z][A-Za-z0-9]{0,31}){0,31}))?$/;

/** undefined: not written as above. */
export function readGrant(text: string): GrantWord | undefined {
  const [, kind, scene = '', fields] = WORD.exec(text) ?? [];
  return kind === undefined ? undefined : { kind, scene, fields: fields?.split(',') ?? [] };
}

/** One text for each kind and scene. */
export function writtenGrants(grants: readonly Grant[]): readonly string[] {
  const words = new Map<string, string[]>();
  for (const { kind, scene, field } of grants) {
    const word = scene === '' ? kind : `${kind}@${scene}`;
    words.set(word, [...(words.get(word) ?? []), ...(field === '' ? [] : [field])]);
  }
  return [...words].map(([word, fields]) => (fields.length === 0 ? word : `${word}:${fields.join(',')}`));
}
