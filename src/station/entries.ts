/** What a lane writes: verdicts, passages and alarms, each one transaction with everything that must be remembered with it. */
import type { Clock, Direction, Facts, Json, Log, Medium, Moment, Passage, Reading, Trust } from '../contracts.js';
import { encodeCbor } from '../crypto/cbor.js';
import type { Sealer } from '../crypto/seal.js';
import { agesOf, clockOf, type Decision, type Memory } from './decide.js';

/** The journal as a lane needs it. Everything in one `transaction` is on disk when it returns, or nothing is. */
export interface LaneJournal extends Memory {
  transaction<T>(work: (tx: LaneWriter) => T): T;
}

export interface LaneWriter {
  append(draft: { kind: string; at: Moment; facts: Facts; seal?: (id: string) => Uint8Array }): { readonly seq: number };
  use(direction: Direction, replayId: Uint8Array, until: number): void;
  annul(direction: Direction, replayId: Uint8Array): void;
  remember(scene: string, subject: string, memory: Json): void;
  addInside(people: number, least?: number): void;
}

export interface EntryParts {
  readonly station: string;
  readonly checkpoint: string;
  readonly scene: string;
  readonly clock: Clock;
  readonly journal: LaneJournal;
  /** The lane has a gate: what depends on the passage waits for it. */
  readonly gated: boolean;
  trust(): Trust | undefined;
  sealer(): Sealer | undefined;
  readonly log: Log;
}

export interface Acted {
  readonly reading: Reading;
  readonly decision: Decision;
}

export interface Entries {
  /** The entry's seq; undefined: nothing could be written. */
  verdict(acted: Acted, mode: string): number | undefined;
  passage(of: number | undefined, acted: Acted, passage: Passage): void;
  alarm(alarm: string, facts: Facts): void;
  /** What became of an order: its passage, its end. */
  ordered(kind: 'passage' | 'command', facts: Facts): void;
  /** How many entries could not be written since the last that could. */
  unwritten(): number;
  /** Writes that number, if it can be written now; else it stays. */
  tellUnwritten(): void;
}

export function createEntries(parts: EntryParts): Entries {
  const { journal, clock, log } = parts;
  let unwritten = 0;

  const entry = (facts: Facts): Facts => ({ scene: parts.scene, checkpoint: parts.checkpoint, station: parts.station, ...facts });

  /** What could not be written before is told first. @throws when nothing could be written */
  const transact = <T>(work: (tx: LaneWriter) => T): T => {
    const result = journal.transaction((tx) => {
      if (unwritten > 0) tx.append({ kind: 'alarm', at: clock.now(), facts: entry({ alarm: 'journal-failed', unwritten }) });
      return work(tx);
    });
    unwritten = 0;
    return result;
  };

  const write = <T>(work: (tx: LaneWriter) => T): T | undefined => {
    try {
      return transact(work);
    } catch (error) {
      unwritten++;
      log.error('journal-failed', { station: parts.station, error: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };

  const verdictFacts = ({ reading, decision }: Acted, mode: string): Facts =>
    entry({
      ...decision.facts,
      direction: reading.direction,
      device: reading.device,
      medium: reading.medium,
      ...agesOf(parts.trust(), reading.at),
      ...clockOf(reading.at),
      ...(mode !== 'normal' && { mode }),
    });

  return {
    verdict: (acted, mode) =>
      write((tx) => {
        const { reading, decision } = acted;
        const seal = sealing(parts.sealer(), reading.medium, reading.bytes);
        const { seq } = tx.append({ kind: 'verdict', at: reading.at, facts: verdictFacts(acted, mode), ...(seal && { seal }) });
        const { verdict, judgement } = decision;
        if (verdict.admit && judgement) {
          const { replayId, validUntil, subject } = verdict.credential;
          if (replayId && decision.facts['repeat'] !== true) tx.use(reading.direction, replayId, validUntil);
          if (judgement.memory !== undefined) tx.remember(parts.scene, subject, judgement.memory);
          if (!parts.gated) wentThrough(tx, parts.scene, decision);
        }
        return seq;
      }),

    passage: (of, { reading, decision }, passage) => {
      write((tx) => {
        const at = clock.now();
        tx.append({ kind: 'passage', at, facts: entry({ of: of ?? null, passage, direction: reading.direction, ...clockOf(at) }) });
        if (passage === 'passed' || passage === 'tailgate' || passage === 'unobserved') wentThrough(tx, parts.scene, decision);
        const { verdict } = decision;
        // Nobody was seen going through: the same code may be shown again.
        if ((passage === 'not-taken' || passage === 'fault') && verdict.admit && verdict.credential.replayId)
          tx.annul(reading.direction, verdict.credential.replayId);
      });
    },

    alarm: (alarm, facts) => {
      const at = clock.now();
      write((tx) => tx.append({ kind: 'alarm', at, facts: entry({ alarm, ...facts, ...clockOf(at) }) }));
    },

    ordered: (kind, facts) => {
      const at = clock.now();
      write((tx) => tx.append({ kind, at, facts: entry({ ...facts, ...clockOf(at) }) }));
    },

    unwritten: () => unwritten,

    tellUnwritten: () => {
      if (unwritten === 0) return;
      try {
        transact(() => undefined);
        log.info('journal-recovered', { station: parts.station });
      } catch (error) {
        log.error('journal-failed', { station: parts.station, error: error instanceof Error ? error.message : String(error) });
      }
    },
  };
}

/** The code's own bytes, or the card's data, for the platform's eyes only: CBOR [1, medium, bytes]. */
function sealing(sealer: Sealer | undefined, medium: Medium, bytes: Uint8Array): ((context: string) => Uint8Array) | undefined {
  return sealer && ((context) => sealer.seal(encodeCbor([1, medium, bytes]), context));
}

function wentThrough(tx: LaneWriter, scene: string, { verdict, judgement }: Decision): void {
  if (!verdict.admit || !judgement?.passed) return;
  const { memory, inside } = judgement.passed;
  if (memory !== undefined) tx.remember(scene, verdict.credential.subject, memory);
  if (inside) tx.addInside(inside);
}
