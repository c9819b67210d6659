/**
 * From a reading to a verdict and what the journal says of it. No effect of its own: the lane writes, then acts.
 *
 *   Reading ─format→ Credential ─admission→ scene.judge → Decision { verdict, public facts, what to remember }
 */
import { type Admission, admission, unproved } from '../admission.js';
import type {
  Credential,
  Direction,
  Facts,
  Format,
  Instant,
  Json,
  Judgement,
  Moment,
  Reading,
  Refusal,
  Scene,
  Situation,
  Trust,
  Verdict,
} from '../contracts.js';
import { decodeBase64Url } from '../crypto/base-n.js';
import { localTime } from '../messages/calendar.js';
import { numberOf } from '../messages/refusals.js';
import { pairToken } from '../messages/status-list.js';
import { type Read, readCredential } from './read.js';

export interface NamedScene {
  readonly name: string;
  readonly scene: Scene;
  /** Already checked by the scene's own schema. */
  readonly settings: unknown;
}

/** What the journal remembers, as a decision may see it. */
export interface Memory {
  isUsed(direction: Direction, replayId: Uint8Array): boolean;
  memory(scene: string, subject: string): Json | undefined;
  inside(): number;
}

export interface DecisionParts {
  readonly scene: NamedScene;
  readonly formats: ReadonlyMap<string, Format>;
  readonly trust: Trust | undefined;
  readonly memory: Memory;
  readonly previous: Situation['previous'];
  readonly stop: string | undefined;
  readonly repeat: boolean;
  /** What the platform made of the reading; absent: the bytes speak for themselves. */
  readonly resolved?: Read | undefined;
}

export interface Decision {
  readonly verdict: Verdict;
  /** The public part of the entry, without terminal, station and clock, which the lane adds. */
  readonly facts: Facts;
  readonly judgement: Extract<Judgement, { admit: true }> | undefined;
}

export function decide(reading: Reading, parts: DecisionParts): Decision {
  const { trust } = parts;
  if (!trust) return refused(parts, { refusal: 'out-of-order', note: { why: 'no-trust' } });
  const { format, result } = parts.resolved ?? readCredential(parts.formats, reading.bytes, reading.medium, trust.keys);
  const read: Facts = { format: format ?? null, person: isPerson(format, parts.formats), verified: false };
  if ('refusal' in result) {
    const kind = format === undefined ? undefined : parts.formats.get(format)?.kind;
    const refusal = unproved({ refusal: result.refusal, kind, moment: reading.at, trust, scene: parts.scene });
    const why = refusal === result.refusal ? result.note : undefined;
    return refused(parts, { refusal, read, ...(why !== undefined && { note: { why } }) });
  }
  return judged(result, reading, { ...parts, trust });
}

function judged(credential: Credential, reading: Reading, parts: DecisionParts & { readonly trust: Trust }): Decision {
  const { scene, trust, memory } = parts;
  const used = (id: Uint8Array): boolean => !parts.repeat && memory.isUsed(reading.direction, id);
  const found: Admission = admission({ credential, moment: reading.at, trust, scene, used });
  const verified = found.admit || found.refusal !== 'forged';
  const read: Facts = { format: credential.format, form: credential.form, person: credential.kind === 'person', verified };
  if (!found.admit) return refused(parts, { refusal: found.refusal, read, credential });
  const judgement = scene.scene.judge(credential, situation(credential, reading, { ...parts, found }), scene.settings);
  if (!judgement.admit)
    return refused(parts, { refusal: judgement.refusal, read, credential, ...(judgement.note && { note: judgement.note }) });
  return {
    verdict: { admit: true, credential, colour: found.colour, ...(judgement.note && { note: judgement.note }) },
    facts: {
      ...about(parts),
      ...read,
      verdict: 'admit',
      ...(found.flagged && { flagged: true }),
      ...(judgement.note && { note: judgement.note }),
    },
    judgement,
  };
}

interface Refused {
  readonly refusal: Refusal;
  readonly read?: Facts;
  readonly credential?: Credential;
  readonly note?: Facts;
}

/** Without looking at the reading. `why`: fire, locked by the staff key, a gate that is away, or a journal that cannot be written. */
export function outOfOrder(scene: NamedScene, why: string): Decision {
  const read = { format: null, person: false, verified: false };
  return refused({ scene, repeat: false }, { refusal: 'out-of-order', read, note: { why } });
}

function refused(parts: Pick<DecisionParts, 'scene' | 'repeat'>, { refusal, read = {}, credential, note }: Refused): Decision {
  const noted = note ? { note } : {};
  return {
    verdict: { admit: false, refusal, ...(credential && { credential }), ...noted },
    facts: { ...about(parts), ...read, verdict: 'refuse', refusal, number: numberOf(refusal), ...noted },
    judgement: undefined,
  };
}

const about = ({ scene, repeat }: Pick<DecisionParts, 'scene' | 'repeat'>): Facts => ({
  scene: scene.name,
  ...(repeat && { repeat: true }),
});

function isPerson(format: string | undefined, formats: ReadonlyMap<string, Format>): boolean {
  return format !== undefined && formats.get(format)?.kind === 'person';
}

function situation(
  credential: Credential,
  reading: Reading,
  parts: DecisionParts & { trust: Trust; found: Extract<Admission, { admit: true }> },
): Situation {
  const { scene, trust, memory, found } = parts;
  return {
    station: reading.station,
    direction: reading.direction,
    at: reading.at,
    local: localTime(reading.at.earliest),
    colour: found.colour,
    stale: found.stale,
    listed: (list, subject, second) => {
      const token = tokenOf(subject, second);
      return token !== undefined && trust.lists.listed(list, token);
    },
    memory: memory.memory(scene.name, credential.subject),
    inside: memory.inside(),
    previous: parts.previous,
    stop: parts.stop,
    repeat: parts.repeat,
    data: (name) => trust.data(name),
  };
}

/** What a list knows a subject by, or an ordered pair of two; undefined for text that is no subject. */
function tokenOf(subject: string, second: string | undefined): Uint8Array | undefined {
  const first = decodeBase64Url(subject);
  if (!first || second === undefined) return first;
  const other = decodeBase64Url(second);
  return other && pairToken(first, other);
}

/** Whole seconds since then, at the latest the clock allows; null where it knows nothing. */
export function ageOf(since: Instant, { latest }: Pick<Moment, 'latest'>): number | null {
  return Number.isFinite(latest) ? Math.max(0, Math.round((latest - since) / 1000)) : null;
}

/** wire.md 4, public part. */
export function agesOf(trust: Trust | undefined, at: Moment): Facts {
  if (!trust) return { trustSeq: 0, trustAge: null, listsAge: null };
  return { trustSeq: trust.seq, trustAge: ageOf(trust.issued, at), listsAge: ageOf(trust.listsAsOf, at) };
}

/** How sure the clock was: the width of the interval in ms, null without an end. */
export function clockOf(at: Moment): Facts {
  return { clock: Number.isFinite(at.latest) ? Math.round(at.latest - at.earliest) : null };
}
