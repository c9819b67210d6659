/**
 * A desk: a place where one person at a time has a conversation. Readings and touches go to the visit that is on; a visit nobody
 * touches any more is asked about, and then ended.
 *
 *   menu ─start→ visit (scene: prompt ⇄ answer) ─→ journal (verdict, submission, visit) ─→ menu
 */
import type {
  Acted,
  Bill,
  Clock,
  Desk,
  DeskAction,
  DeskScene,
  DeskState,
  Facts,
  InputName,
  Log,
  Notice,
  Reading,
  Trust,
} from '../contracts.js';
import type { Sealer } from '../crypto/seal.js';
import type { Register } from '../meeting/shapes.js';
import type { Order, Plan } from '../messages/command.js';
import { shownVisit } from './desk-state.js';
import { createDeskWork, type DeskJournal, type Keeping } from './desk-work.js';
import type { Formats } from './read.js';
import type { AskPlatform, Resolver } from './resolve.js';
import { createTold } from './told.js';
import { type Charged, startVisit, type Visit, type VisitEnd } from './visit.js';
import type { StaffDesk } from './visit-staff.js';

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
  readonly journal: DeskJournal;
  readonly venueCode: Desk['venueCode'];
  readonly draw: Desk['draw'];
  readonly log: Log;
  trust(): Trust | undefined;
  sealer(): Sealer | undefined;
  readonly resolve?: Resolver;
  /** undefined: there is no line to the platform. */
  ask(): AskPlatform | undefined;
  /** Charges a bill to a payment code. Goes on to its end whatever becomes of the visit. Never rejects. */
  charge(scene: string, bill: Bill, code: string): Promise<Charged>;
  readonly print: Desk['print'];
  readonly handOver: Desk['handOver'];
  /** Meetings of this box. */
  readonly register: Register;
  readonly invite: StaffDesk['invite'];
  /** After this long without a touch the person is asked whether they are still there, and given as long again as `graceMs`. */
  readonly idleMs?: number;
  readonly graceMs?: number;
  changed(): void;
}

export interface DeskStation {
  /** Never throws and never waits. */
  accept(reading: Reading): void;
  /** The fire contact and the staff key end a visit and let none begin; the others are only written down. */
  input(name: InputName, active: boolean): void;
  /** Something beside the desk that the county should know: a printer without paper. */
  alarm(facts: Facts): void;
  /** What would become of the county's order now: desks may be locked and unlocked. */
  command(order: Order): Plan;
  /** The reader or the page went away under a visit: whoever stands there begins anew. */
  interrupted(): void;
  act(action: DeskAction): Acted;
  /** Within the transaction that takes the notice; what it returns is done once that is on disk. undefined: not for this desk. */
  hear(tx: Keeping, notice: Notice): (() => void) | undefined;
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
export function createDesk(parts: DeskParts): DeskStation {
  const { clock, log, idleMs = IDLE_MS, graceMs = GRACE_MS } = parts;
  const counts: Record<string, number> = {};
  let visit: Visit | undefined;
  let ending: Promise<void> | undefined;
  let held: Reading | undefined;
  let heldTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let staffTimer: NodeJS.Timeout | undefined;
  let fading = false;
  let stopped = false;
  let ordered = false;
  /** Nobody is asked before whether they are still there. */
  let openUntil = 0;
  const active = new Set<InputName>();

  const mode = (): DeskState['mode'] => {
    if (active.has('fire')) return 'fire';
    return ordered || active.has('staff-lock') ? 'locked' : 'normal';
  };

  /** Whoever stands there is let go when the desk no longer serves. */
  const moded = (): void => {
    if (mode() !== 'normal') {
      drop();
      visit?.end('stopped');
    }
    parts.changed();
  };

  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const { identify, submit, ask, reveal, write, kept, keep, hear, today, staff, unwritten, tellUnwritten } = createDeskWork(parts, count);
  const board = createTold(() => parts.changed());

  const drop = (): void => {
    clearTimeout(heldTimer);
    held = undefined;
  };

  const touched = (): void => {
    fading = false;
    clearTimeout(idleTimer);
    idleTimer = setTimeout(
      () => {
        fading = true;
        parts.changed();
        idleTimer = setTimeout(() => visit?.end('idle'), graceMs).unref();
      },
      Math.max(idleMs, openUntil - clock.now().earliest),
    ).unref();
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
        ask,
        reveal: (fields, purpose, proof) => reveal({ scene: chosen.name, fields, purpose, proof }),
        charge: (bill, code) => parts.charge(chosen.name, bill, code),
        print: (paper) => parts.print(paper),
        handOver: (told) => parts.handOver(told),
        venueCode: parts.venueCode,
        draw: (text) => parts.draw(text),
        kept: () => kept(chosen.name),
        keep: (value) => keep(chosen.name, value),
        today,
        staff,
        keepOpen(until) {
          openUntil = until;
          touched();
        },
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
    openUntil = 0;
    clearTimeout(idleTimer);
    count(`visit_${end}`);
    write('visit', { scene, end });
    parts.changed();
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
      if (mode() !== 'normal') return count('unasked');
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
    input(name, on) {
      if (active.has(name) === on || name === 'repeat') return;
      if (on) active.add(name);
      else active.delete(name);
      write('alarm', { alarm: name, active: on });
      moded();
    },
    alarm: (facts) => write('alarm', facts),
    command({ verb }) {
      if (stopped) return { refused: 'stopping' };
      if (active.has('fire')) return { refused: 'fire' };
      if (active.has('staff-lock')) return { refused: 'staff-key' };
      if (verb !== 'lock' && verb !== 'normal') return { refused: 'no-gate' };
      return {
        act: () => {
          ordered = verb === 'lock';
          moded();
        },
      };
    },
    interrupted() {
      drop();
      visit?.end('left');
      parts.changed();
    },
    act(action) {
      if (stopped || (mode() !== 'normal' && action.do !== 'call-staff')) return false;
      if (action.do === 'opened') {
        drop();
        visit?.end('left');
        return true;
      }
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
      else if (action.do === 'type') return visit.type(action.step, action.text) ?? false;
      else parts.changed();
      return true;
    },
    hear: (tx, notice) => board.after(hear(tx, notice)),
    state: () => ({
      menu: parts.scenes.map(({ name, scene: { title, group } }) => ({ scene: name, title, ...(group && { group }) })),
      held: held !== undefined,
      mode: mode(),
      active: [...active],
      journalFailed: unwritten() > 0,
      staffCalled: staffTimer !== undefined,
      told: board.told(),
      visit: visit && shownVisit(visit, parts.scenes, fading),
      counts,
    }),
    upkeep: tellUnwritten,
    async stop() {
      stopped = true;
      drop();
      clearTimeout(staffTimer);
      board.stop();
      visit?.end('stopped');
      await ending;
    },
  };
}
