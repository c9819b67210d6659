/** The meetings of a terminal in one piece: register, lists, and what the page of organisers and clerks asks for. */
import type { Report, Trust } from '../contracts.js';
import type { Cbor } from '../crypto/cbor.js';
import { subjectOf } from '../crypto/subject.js';
import { INVITED, INVITED_ANSWER } from '../messages/meeting.js';
import { cborOf, jsonOf } from '../messages/plain.js';
import type { StaffPage } from '../page/organiser-view.js';
import { createSessions, type Sessions } from '../page/sessions.js';
import { createLists, type Lists } from './lists.js';
import { createRegister } from './register.js';
import type { Register, RegisterParts } from './shapes.js';
import { meetingView, summaryOf } from './view.js';

type Ask = (
  operation: string,
  body: Cbor,
  how: { readonly deadlineMs: number; readonly sealed: true },
) => Promise<{ readonly status: string; readonly body: Cbor }>;

export interface MeetingsParts extends Omit<RegisterParts, 'trust' | 'checkpoint'> {
  readonly terminal: { readonly id: string; readonly region: string; readonly checkpoint: string };
  readonly updates: {
    current(): Trust | undefined;
    secrets(): { readonly regionKeys: ReadonlyMap<number, Uint8Array> } | undefined;
  };
  /** undefined: there is no line to the platform. */
  ask(): Ask | undefined;
  report(days: number): Promise<Report>;
}

export interface Joined {
  readonly register: Register;
  invite: (role: Parameters<Sessions['invite']>[0]) => { readonly path: string; readonly code: string };
  readonly page: StaffPage;
  upkeep(): void;
  stop(): Promise<void>;
}

const PATIENCE_MS = 10_000;
const PATH = { organiser: '/organiser', clerk: '/clerk' } as const;

export function joinMeetings(parts: MeetingsParts): Joined {
  const register = createRegister({ ...parts, checkpoint: parts.terminal.checkpoint, trust: () => parts.updates.current() });
  const lists = createLists({
    register,
    subjectOf: (idNumber) => subjectBy(idNumber, parts),
    subjectsByPhone: (phones) => askedFor(phones, parts),
    log: parts.log,
  });
  const sessions = createSessions(() => parts.clock.monotonic());
  return {
    register,
    invite: (role) => ({ path: PATH[role], code: sessions.invite(role) }),
    page: staffPage(parts, { register, lists, sessions }),
    upkeep() {
      register.upkeep();
      lists.upkeep();
    },
    stop: () => lists.stop(),
  };
}

function staffPage(
  parts: MeetingsParts,
  { register, lists, sessions }: { register: Register; lists: Lists; sessions: Sessions },
): StaffPage {
  const now = (): number => parts.clock.now().earliest;
  const meetings = () => {
    const kept = [...register.shelved()];
    const published = register.all().filter(({ id }) => !kept.some(({ meeting }) => meeting.id === id));
    const all = [...kept, ...published.map((meeting) => ({ meeting, closed: null }))].map((one) => summaryOf(one, now()));
    return all.sort((a, b) => b.from - a.from);
  };
  return {
    ...sessions,
    view(role, id) {
      const of = role === 'organiser' && id !== undefined ? register.find(id) : undefined;
      return {
        terminal: parts.terminal.id,
        role,
        now: now(),
        meetings: role === 'organiser' ? meetings() : [],
        meeting: of ? meetingView(of, lists, now()) : null,
      };
    },
    load: (meeting, bytes) => lists.load(meeting, bytes),
    forgetNames: (meeting) => lists.forget(meeting),
    close: (meeting) => register.close(meeting, 'page'),
    report: (days) => parts.report(days),
    onChange: (listener) => register.onChange(listener),
  };
}

/** Codes are made with the newest key. */
async function subjectBy(idNumber: string, { terminal, updates }: MeetingsParts): Promise<string | undefined> {
  const [newest] = [...(updates.secrets()?.regionKeys ?? [])].sort(([a], [b]) => b - a);
  return newest && subjectOf(idNumber, terminal.region, newest[1]);
}

async function askedFor(phones: readonly string[], { ask, log }: MeetingsParts): Promise<readonly (string | null)[] | undefined> {
  try {
    const answer = await ask()?.(INVITED, cborOf({ phones }), { deadlineMs: PATIENCE_MS, sealed: true });
    const subjects = answer?.status === 'ok' ? INVITED_ANSWER.safeParse(jsonOf(answer.body)).data?.subjects : undefined;
    if (answer && subjects?.length !== phones.length) log.warn('phones-not-resolved', { status: answer.status });
    return subjects?.length === phones.length ? subjects : undefined;
  } catch (error) {
    log.warn('phones-not-resolved', { error: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}
