/**
 * A desk: a place where one person at a time has a conversation. Readings and touches go to the visit that is on; a visit nobody
 * touches any more is asked about, and then ended.
 *
 *   menu ─start→ visit (scene: prompt ⇄ answer) ─→ journal (verdict, submission, visit) ─→ menu
 */
import type { Clock, Desk, DeskAnswer, DeskScene, Facts, Kind, Log, Reading, Scene, Trust } from '../contracts.js';
import { encodeCbor } from '../crypto/cbor.js';
import type { Sealer } from '../crypto/seal.js';
import type { Status } from '../messages/answer.js';
import { canonical } from '../messages/jcs.js';
import { cborOf, jsonOf } from '../messages/plain.js';
import { numberOf, REFUSAL_WORDS } from '../messages/refusals.js';
import { type Decision, decide, type Memory } from './decide.js';
import { type DeskAction, type DeskState, shownVisit } from './desk-state.js';
import { createEntries, type Entries, type LaneJournal } from './entries.js';
import type { Turned } from './prompt.js';
import type { Formats, Read } from './read.js';
import { type AskPlatform, isOpaque, type Resolver } from './resolve.js';
import { type Identified, type Proof, startVisit, type Visit, type VisitEnd } from './visit.js';

export interface NamedDeskScene {
  readonly name: string;
  readonly scene: DeskScene;
  /** Already checked by the scene's own schema. */
  readonly settings: unknown;
}

export interface DeskParts {
  readonly station: string;
  readonly checkpoint: string;
  readonly scenes: readonly NamedDeskScene[];
  readonly formats: Formats;
  readonly clock: Clock;
  readonly journal: LaneJournal;
  readonly log: Log;
  trust(): Trust | undefined;
  sealer(): Sealer | undefined;
  readonly resolve?: Resolver;
  /** undefined: there is no line to the platform. */
  ask(): AskPlatform | undefined;
  /** After this long without a touch the person is asked whether they are still there, and given as long again as `graceMs`. */
  readonly idleMs?: number;
  readonly graceMs?: number;
  changed(): void;
}

export interface DeskStation {
  /** Never throws and never waits. */
  accept(reading: Reading): void;
  /** False: it does not fit what stands there now. */
  act(action: DeskAction): boolean;
  state(): DeskState;
  upkeep(): void;
  /** Ends the visit; resolves when its entry is written. */
  stop(): Promise<void>;
}

const IDLE_MS = 60_000;
const GRACE_MS = 15_000;
/** A code held up before a scene was chosen waits so long. */
const HELD_MS = 60_000;
const STAFF_MS = 30_000;
/** The platform has so long for an answer at a desk. */
const PATIENCE_MS = 10_000;

/** At a desk a code may be shown again as long as it lives, and nothing is remembered of anyone. */
const NO_MEMORY: Memory = { isUsed: () => false, memory: () => undefined, inside: () => 0 };

export function createDesk(parts: DeskParts): DeskStation {
  const { clock, journal, log, idleMs = IDLE_MS, graceMs = GRACE_MS } = parts;
  const entries = new Map<string, Entries>(parts.scenes.map(({ name }) => [name, createEntries({ ...parts, scene: name, gated: true })]));
  const counts: Record<string, number> = {};
  let visit: Visit | undefined;
  let ending: Promise<void> | undefined;
  let held: Reading | undefined;
  let heldTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let staffTimer: NodeJS.Timeout | undefined;
  let fading = false;
  let stopped = false;

  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };

  const drop = (): void => {
    clearTimeout(heldTimer);
    held = undefined;
  };

  const touched = (): void => {
    fading = false;
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      fading = true;
      parts.changed();
      idleTimer = setTimeout(() => visit?.end('idle'), graceMs).unref();
    }, idleMs).unref();
  };

  const start = (chosen: NamedDeskScene): void => {
    const first = held;
    drop();
    touched();
    const mine = startVisit(
      {
        ...chosen,
        clock,
        log,
        trust: () => parts.trust(),
        identify: (reading, kinds) => identify(chosen, reading, kinds),
        submit: ({ kind, facts, personal }, proof) => submit({ scene: chosen.name, kind, facts, personal, proof }),
        ask: (operation, body) => ask(operation, body),
        changed: () => parts.changed(),
      },
      first,
    );
    visit = mine;
    count('visits');
    ending = mine.over.then((end) => over(chosen.name, end));
    parts.changed();
  };

  const over = (scene: string, end: VisitEnd): void => {
    visit = undefined;
    ending = undefined;
    fading = false;
    clearTimeout(idleTimer);
    count(`visit_${end}`);
    write('visit', { scene, end });
    parts.changed();
  };

  const write = (kind: string, facts: Facts): void => {
    try {
      journal.transaction((tx) =>
        tx.append({ kind, at: clock.now(), facts: { checkpoint: parts.checkpoint, station: parts.station, ...facts } }),
      );
    } catch (error) {
      // Of a visit without a submission nothing is owed; what is owed was written before it was said.
      log.error('journal-failed', { station: parts.station, error: error instanceof Error ? error.message : String(error) });
    }
  };

  const identify = async ({ name, scene, settings }: NamedDeskScene, reading: Reading, kinds: readonly Kind[]): Promise<Identified> => {
    const judged: Scene = { ...scene, accepts: kinds, judge: () => ({ admit: true }) };
    const look = (resolved?: Read): Decision =>
      decide(reading, {
        scene: { name, scene: judged, settings },
        formats: parts.formats,
        trust: parts.trust(),
        memory: NO_MEMORY,
        previous: undefined,
        stop: undefined,
        repeat: false,
        resolved,
      });
    let decision = look();
    if (parts.resolve && isOpaque(decision)) decision = look(await parts.resolve(reading, name));
    const { verdict } = decision;
    count(verdict.admit ? 'admitted' : `refused_${verdict.refusal}`);
    // Not written: nobody is served whom nobody counted.
    const seq = entries.get(name)?.verdict({ reading, decision: { ...decision, judgement: undefined } }, 'normal');
    if (!verdict.admit) return { turned: turnedBy(verdict.refusal) };
    if (seq === undefined) return { turned: turnedBy('out-of-order') };
    return {
      presented: { credential: verdict.credential, colour: verdict.colour },
      proof: { medium: reading.medium, bytes: reading.bytes },
    };
  };

  const submit = ({ scene, kind, facts, personal, proof }: Submitting): string => {
    const sealer = parts.sealer();
    if ((proof || personal) && !sealer) throw new Error('no key to seal personal data to: nothing personal is kept');
    const plain = encodeCbor([1, proof?.medium ?? null, proof?.bytes ?? null, personal ? canonical(personal) : null]);
    const { seq } = journal.transaction((tx) =>
      tx.append({
        kind,
        at: clock.now(),
        facts: { ...facts, scene, checkpoint: parts.checkpoint, station: parts.station },
        ...(sealer && (proof || personal) && { seal: (context: string) => sealer.seal(plain, context) }),
      }),
    );
    count(`submitted_${kind}`);
    return String(seq);
  };

  const ask: Desk['ask'] = async (operation, body) => {
    const line = parts.ask();
    if (!line) return undefined;
    try {
      const { status, body: answer } = await line(operation, cborOf(body), { deadlineMs: PATIENCE_MS, sealed: true });
      if (isAnswer(status)) return { status, body: jsonOf(answer) ?? null };
      log.warn('not-answered', { station: parts.station, operation, status });
    } catch (error) {
      log.warn('not-answered', { station: parts.station, operation, error: error instanceof Error ? error.message : String(error) });
    }
    return undefined;
  };

  const callStaff = (): void => {
    const facts = visit ? { scene: visit.scene } : {};
    write('alarm', { alarm: 'staff-called', ...facts });
    count('staff_called');
    clearTimeout(staffTimer);
    staffTimer = setTimeout(() => {
      staffTimer = undefined;
      parts.changed();
    }, STAFF_MS).unref();
    parts.changed();
  };

  return {
    accept(reading) {
      if (stopped) return;
      count('readings');
      if (visit) {
        touched();
        if (!visit.read(reading)) count('unasked');
        return;
      }
      drop();
      held = reading;
      const [only] = parts.scenes;
      if (only && parts.scenes.length === 1) return start(only);
      heldTimer = setTimeout(() => {
        drop();
        parts.changed();
      }, HELD_MS).unref();
      parts.changed();
    },
    act(action) {
      if (stopped) return false;
      if (action.do === 'call-staff') {
        callStaff();
        return true;
      }
      if (action.do === 'start') {
        const chosen = parts.scenes.find(({ name }) => name === action.scene);
        if (visit || !chosen) return false;
        start(chosen);
        return true;
      }
      if (!visit || visit.id !== action.visit) return false;
      touched();
      if (action.do === 'leave') visit.end('left');
      else if (action.do === 'answer') return visit.answer(action.step, action.value);
      else parts.changed();
      return true;
    },
    state: () => ({
      menu: parts.scenes.map(({ name, scene }) => ({ scene: name, title: scene.title })),
      held: held !== undefined,
      journalFailed: [...entries.values()].some((one) => one.unwritten() > 0),
      staffCalled: staffTimer !== undefined,
      visit: visit && shownVisit(visit, parts.scenes, fading),
      counts,
    }),
    upkeep: () => entries.forEach((one) => one.tellUnwritten()),
    async stop() {
      stopped = true;
      drop();
      clearTimeout(staffTimer);
      visit?.end('stopped');
      await ending;
    },
  };
}

interface Submitting {
  readonly scene: string;
  readonly kind: string;
  readonly facts: Facts;
  readonly personal: Facts | undefined;
  readonly proof: Proof | undefined;
}

function turnedBy(refusal: keyof typeof REFUSAL_WORDS): Turned {
  const { visitor, next } = REFUSAL_WORDS[refusal];
  return { refusal, number: numberOf(refusal), words: visitor, next };
}

const isAnswer = (status: Status): status is DeskAnswer['status'] => status === 'ok' || status === 'refused' || status === 'unknown';
