/** A lane's journal joined with what the other lanes of its site know: asked together, and told once it is on disk. */
import type { Direction, Facts, Instant, Json } from '../contracts.js';
import type { LaneJournal, LaneWriter } from './entries.js';

/** The other lanes, as a lane needs them. */
export interface Others {
  isUsed(direction: Direction, replayId: Uint8Array): boolean;
  /** What the scene kept of a subject, brought up to what the others saw. */
  memory(scene: string, subject: string, own: Json | undefined): Json | undefined;
  inside(): number;
  alone(): boolean;
  used(direction: Direction, replayId: Uint8Array, until: Instant): void;
  annulled(direction: Direction, replayId: Uint8Array): void;
  passed(scene: string, subject: string, direction: Direction): void;
  counted(): void;
}

export function togetherWith(journal: LaneJournal, others: Others): LaneJournal {
  return {
    isUsed: (direction, replayId) => journal.isUsed(direction, replayId) || others.isUsed(direction, replayId),
    memory: (scene, subject) => others.memory(scene, subject, journal.memory(scene, subject)),
    inside: () => others.inside(),
    transaction(work) {
      const tell: (() => void)[] = [];
      const result = journal.transaction((tx) => work(listening(tx, others, (word) => tell.push(word))));
      // After the gate was told, which happens before anything else gets its turn.
      if (tell.length > 0) queueMicrotask(() => tell.forEach((word) => word()));
      return result;
    },
  };
}

function listening(tx: LaneWriter, others: Others, then: (word: () => void) => void): LaneWriter {
  return {
    append: (draft) => tx.append(draft.kind === 'verdict' && others.alone() ? { ...draft, facts: alone(draft.facts) } : draft),
    use(direction, replayId, until) {
      tx.use(direction, replayId, until);
      then(() => others.used(direction, replayId, until));
    },
    annul(direction, replayId) {
      tx.annul(direction, replayId);
      then(() => others.annulled(direction, replayId));
    },
    remember(scene, subject, memory) {
      tx.remember(scene, subject, memory);
      const direction = wentWhere(memory);
      if (direction) then(() => others.passed(scene, subject, direction));
    },
    addInside(people) {
      // Who came in by another lane goes out by this one.
      tx.addInside(people, Number.NEGATIVE_INFINITY);
      then(() => others.counted());
    },
  };
}

/** wire.md 2: it decided without the others. */
const alone = (facts: Facts): Facts => ({ ...facts, site: 'alone' });

/** What scenes keep of somebody who is inside or outside; other memories are a lane's own. */
function wentWhere(memory: Json): Direction | undefined {
  if (typeof memory !== 'object' || memory === null || Array.isArray(memory)) return undefined;
  const { inside } = memory as { readonly inside?: Json };
  if (typeof inside !== 'boolean') return undefined;
  return inside ? 'in' : 'out';
}
