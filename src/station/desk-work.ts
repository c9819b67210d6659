/** What a conversation does beyond the page: who somebody is, what is written, what the platform is asked. */
import { randomBytes } from 'node:crypto';
import type { Desk, DeskAnswer, Facts, Field, Json, Kind, Notice, Reading, Released, Turned, Words } from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { encodeCbor } from '../crypto/cbor.js';
import type { Status } from '../messages/answer.js';
import type { Entry } from '../messages/entry.js';
import { PERSON, RELEASE } from '../messages/identity.js';
import { canonical } from '../messages/jcs.js';
import { cborOf, jsonOf } from '../messages/plain.js';
import { numberOf, REFUSAL_WORDS } from '../messages/refusals.js';
import { withShown } from '../messages/shown.js';
import { type Decision, decide, type Memory } from './decide.js';
import type { DeskParts, NamedDeskScene } from './desk.js';
import { createEntries, type Entries, type LaneJournal, type LaneWriter } from './entries.js';
import { createLockOut } from './lock-out.js';
import type { Read } from './read.js';
import { reportOf } from './report.js';
import { opaqueFormat } from './resolve.js';
import { judgingOnly } from './scene.js';
import { countToday } from './today.js';
import type { Identified, Proof } from './visit.js';
import type { StaffDesk } from './visit-staff.js';

/** The platform has so long for an answer at a desk. */
const PATIENCE_MS = 10_000;

/** At a desk a code may be shown again as long as it lives, and nothing is remembered of anyone. */
const NO_MEMORY: Memory = { isUsed: () => false, memory: () => undefined, inside: () => 0 };

/** The journal as a desk needs it. */
export interface DeskJournal extends LaneJournal {
  transaction<T>(work: (tx: LaneWriter & { keep(name: string, value: string): void }) => T): T;
  kept(name: string): number | string | undefined;
  readonly last: number;
  /** Its id, 16 hex digits. */
  readonly journal: string;
  read(from: number, limit: number): readonly Pick<Entry, 'kind' | 'public' | 'earliest'>[];
}

export interface Keeping {
  keep(name: string, value: string): void;
}

export interface DeskWork {
  identify(chosen: NamedDeskScene, reading: Reading, kinds: readonly Kind[]): Promise<Identified>;
  /** The number for the slip. @throws when nothing can be written */
  submit(submitting: Submitting): string;
  /** `proof`: of whom it is about. */
  ask(operation: string, body: Facts, proof?: Proof): Promise<DeskAnswer | undefined>;
  reveal(revealing: Revealing): Promise<Released | undefined>;
  /** Of a visit without a submission nothing is owed: what cannot be written is logged. */
  write(kind: string, facts: Facts): void;
  kept(scene: string): Json | undefined;
  /** @throws when nothing can be written */
  keep(scene: string, value: Json): void;
  /** What was heard of phones, within its transaction: what to say of it; undefined: no scene of this desk has a use for it. */
  hear(tx: Keeping, notice: Notice): Words | undefined;
  readonly today: Desk['today'];
  readonly staff: StaffDesk;
  unwritten(): number;
  tellUnwritten(): void;
}

export function createDeskWork(parts: DeskParts, count: (what: string) => void): DeskWork {
  const { clock, journal, log } = parts;
  const entries = new Map<string, Entries>(parts.scenes.map(({ name }) => [name, createEntries({ ...parts, scene: name, gated: true })]));

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
    const judged = judgingOnly({ ...scene, accepts: kinds });
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
    const format = opaqueFormat(decision);
    if (parts.resolve && format) decision = look(await parts.resolve(reading, { scene: name, format }));
    const { verdict } = decision;
    count(verdict.admit ? 'admitted' : `refused_${verdict.refusal}`);
    // Not written: nobody is served whom nobody counted.
    const seq = entries.get(name)?.verdict({ reading, decision: { ...decision, judgement: undefined } }, 'normal');
    if (!verdict.admit) return { turned: turnedBy(verdict.refusal) };
    if (seq === undefined) return { turned: turnedBy('out-of-order') };
    return {
      presented: { credential: verdict.credential, colour: verdict.colour },
      proof: { medium: reading.medium, bytes: reading.bytes, subject: verdict.credential.subject },
    };
  };

  const submit = ({ scene, kind, facts, personal, proof }: Submitting): string => {
    const sealer = parts.sealer();
    if ((proof || personal) && !sealer) throw new Error('no key to seal personal data to: nothing personal is kept');
    // Beside the proof the pseudonym that the terminal made of it: the platform need not know every carrier.
    const subject = (proof && decodeBase64Url(proof.subject)) ?? null;
    const plain = encodeCbor([1, proof?.medium ?? null, proof?.bytes ?? null, personal ? canonical(personal) : null, subject]);
    const { seq } = journal.transaction((tx) =>
      tx.append({
        kind,
        at: clock.now(),
        facts: { ...facts, scene, checkpoint: parts.checkpoint, station: parts.station },
        ...(sealer && (proof || personal) && { seal: (context: string) => sealer.seal(plain, context) }),
      }),
    );
    count(`submitted_${kind}`);
    return `${journal.journal.slice(0, 4).toUpperCase()}-${seq}`;
  };

  const ask: DeskWork['ask'] = async (operation, body, proof) => {
    const line = parts.ask();
    if (!line) return undefined;
    try {
      const asked = proof ? withShown(cborOf(body), proof) : cborOf(body);
      const { status, body: answer } = await line(operation, asked, { deadlineMs: PATIENCE_MS, sealed: true });
      if (isAnswer(status)) return { status, body: jsonOf(answer) ?? null };
      log.warn('not-answered', { station: parts.station, operation, status });
    } catch (error) {
      log.warn('not-answered', { station: parts.station, operation, error: error instanceof Error ? error.message : String(error) });
    }
    return undefined;
  };

  const reveal: DeskWork['reveal'] = async ({ scene, fields, purpose, proof }) => {
    const answer = await ask(RELEASE, { fields: [...fields], scene, purpose }, proof);
    if (!answer) return undefined;
    if (answer.status !== 'ok') return { status: answer.status };
    const person = PERSON.safeParse(answer.body).data;
    if (!person) log.error('released-unreadable', { station: parts.station });
    return person && { status: 'ok', person };
  };

  const staff: StaffDesk = {
    station: parts.station,
    lockOut: createLockOut({
      kept: (name) => journal.kept(name),
      keep: (name, value) => journal.transaction((tx) => tx.keep(name, value)),
      clock,
    }),
    register: parts.register,
    invite: (role) => parts.invite(role),
    report: (days) => reportOf(journal, clock.now().earliest, days),
    newId: () => randomBytes(6).toString('base64url'),
  };

  const keptName = (scene: string): string => `desk/${parts.station}/${scene}`;

  const kept = (scene: string): Json | undefined => {
    const text = journal.kept(keptName(scene));
    return text === undefined ? undefined : (JSON.parse(String(text)) as Json);
  };

  const hear: DeskWork['hear'] = (tx, notice) => {
    const heard = parts.scenes.find(({ name }) => name === notice.scene)?.scene.heard?.(notice, kept(notice.scene));
    if (heard?.kept !== undefined) tx.keep(keptName(notice.scene), JSON.stringify(heard.kept));
    if (heard) count('heard');
    return heard?.said;
  };

  return {
    kept,
    hear,
    keep: (scene, value) => journal.transaction((tx) => tx.keep(keptName(scene), JSON.stringify(value))),
    today: () => countToday(journal, clock.now().earliest),
    staff,
    identify,
    submit,
    ask,
    reveal,
    write,
    unwritten: () => [...entries.values()].reduce((sum, one) => sum + one.unwritten(), 0),
    tellUnwritten: () => entries.forEach((one) => one.tellUnwritten()),
  };
}

export interface Submitting {
  readonly scene: string;
  readonly kind: string;
  readonly facts: Facts;
  readonly personal: Facts | undefined;
  readonly proof: Proof | undefined;
}

export interface Revealing {
  readonly scene: string;
  readonly fields: readonly Field[];
  readonly purpose: string;
  readonly proof: Proof;
}

function turnedBy(refusal: keyof typeof REFUSAL_WORDS): Turned {
  const { visitor, next } = REFUSAL_WORDS[refusal];
  return { refusal, number: numberOf(refusal), words: visitor, next };
}

const isAnswer = (status: Status): status is DeskAnswer['status'] => status === 'ok' || status === 'refused' || status === 'unknown';
