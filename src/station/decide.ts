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

function refused(parts: DecisionParts, { refusal, read = {}, credential, note }: Refused): Decision {
  const noted = note ? { note } : {};
  return {
    verdict: { admit: false, refusal, ...(credential && { credential }), ...noted },
    facts: { ...about(parts), ...read, verdict: 'refuse', refusal, number: numberOf(refusal), ...noted },
    judgement: undefined,
  };
}

const about = ({ scene, repeat }: DecisionParts): Facts => ({ scene: scene.name, ...(repeat && { repeat: true }) });

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
    listed: (list, subject, second) => isListed(trust, list, second === undefined ? [subject] : [subject, second]),
    memory: memory.memory(scene.name, credential.subject),
    inside: memory.inside(),
    previous: parts.previous,
    stop: parts.stop,
    repeat: parts.repeat,
    data: (name) => trust.data(name),
  };
}

/** A pair (guardian, pupil) is on a list as the first 16 bytes of SM3 of the two subjects, one after the other. */
function isListed(trust: Trust, list: string, subjects: readonly string[]): boolean {
  const tokens = subjects.map(decodeBase64Url);
  const [first] = tokens;
  if (!first || tokens.includes(undefined)) return false;
  const token = tokens.length === 1 ? first : trust.keys.sm3(...tokens.filter((one) => one !== undefined)).subarray(0, 16);
  return trust.lists.listed(list, token);
}

/** Ages in whole seconds at the latest the clock allows; null where it knows nothing. wire.md 4, public part. */
export function agesOf(trust: Trust | undefined, at: Moment): Facts {
  const age = (since: number): number | null => (Number.isFinite(at.latest) ? Math.max(0, Math.round((at.latest - since) / 1000)) : null);
  return trust
    ? { trustSeq: trust.seq, trustAge: age(trust.issued), listsAge: age(trust.listsAsOf) }
    : { trustSeq: 0, trustAge: null, listsAge: null };
}

/** How sure the clock was: the width of the interval in ms, null without an end. */
export function clockOf(at: Moment): Facts {
  return { clock: Number.isFinite(at.latest) ? Math.round(at.latest - at.earliest) : null };
}
