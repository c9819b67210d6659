/** What holds for every scene: validity, revocation, trust age, colour, single use, in the order of wire.md 2. Pure. */
import {
  type Colour,
  type Credential,
  type Instant,
  type Kind,
  type Lists,
  type Moment,
  REFUSALS,
  type Refusal,
  type Rule,
  type Scene,
  type Trust,
} from './contracts.js';
import { decodeBase64Url, decodeHex } from './crypto/base-n.js';

/** Clocks of phones and issuers may be this much ahead of ours (wire.md 2). */
const SKEW = 60_000;

const COLOUR_LISTS = ['red', 'yellow', 'grey'] as const;

/** Without a rule for the scene: what wire.md 3 leaves open, decided on the safe side. */
const DEFAULT_COLOURS: readonly Colour[] = ['unknown', 'green'];

export interface Admitted {
  readonly admit: true;
  readonly colour: Colour;
  /** Trust is older than the rule allows and the rule says `flag` or `admit`; `flagged`: say so in the entry. */
  readonly stale: boolean;
  readonly flagged: boolean;
}

export type Admission = Admitted | { readonly admit: false; readonly refusal: Refusal; readonly colour?: Colour };

export interface Asked {
  readonly credential: Credential;
  readonly moment: Moment;
  readonly trust: Trust;
  /** The name of the scene and what it takes; absent: any kind, no rule (`ankang verify` without a scene). */
  readonly scene?: { readonly name: string; readonly scene: Pick<Scene, 'accepts' | 'formats'> };
  /** Was this single-use code admitted here before? */
  readonly used: (replayId: Uint8Array) => boolean;
}

export function admission({ credential, moment, trust, scene, used }: Asked): Admission {
  const rule: Rule = (scene && trust.rules[scene.name]) ?? {};
  const colour = colourOf(credential, trust.lists);
  const refuse = (refusal: Refusal): Admission => ({ admit: false, refusal, colour });

  if (credential.revokedAt <= moment.earliest) return refuse('forged');
  const stale = isStale(moment, trust, rule);
  if (stale && (rule.stale ?? 'refuse') === 'refuse') return refuse('trust-stale');
  if (credential.form === 'certificate' || (scene && !takes(scene.scene, credential))) return refuse('not-for-here');
  const late = timeRefusal(credential, moment);
  if (late) return refuse(late);
  if (isRevoked(credential, trust.lists)) return refuse('revoked');
  if (!(rule.colours ?? DEFAULT_COLOURS).includes(colour)) return refuse('colour');
  if (credential.replayId && used(credential.replayId)) return refuse('already-used');
  return { admit: true, colour, stale, flagged: stale && rule.stale === 'flag' };
}

export interface Unproved extends Pick<Asked, 'moment' | 'trust' | 'scene'> {
  /** What the format said, and whose code it would be. */
  readonly refusal: Refusal;
  readonly kind: Kind | undefined;
}

/** The word for bytes that proved nothing: what ranks before the format's own word still comes first. */
export function unproved({ refusal, kind, moment, trust, scene }: Unproved): Refusal {
  if (REFUSALS.indexOf(refusal) <= REFUSALS.indexOf('forged')) return refusal;
  const rule: Rule = (scene && trust.rules[scene.name]) ?? {};
  if (isStale(moment, trust, rule) && (rule.stale ?? 'refuse') === 'refuse') return 'trust-stale';
  return scene && kind && !scene.scene.accepts.includes(kind) ? 'not-for-here' : refusal;
}

/** wire.md 2: never a guess. A key's coming revocation bounds what it signed, as far as the clock is unsure of it. */
export function timeRefusal(window: Pick<Credential, 'validFrom' | 'validUntil' | 'revokedAt'>, moment: Moment): Refusal | undefined {
  const until: Instant = Math.min(window.validUntil, window.revokedAt);
  if (moment.latest < window.validFrom - SKEW) return 'not-yet-valid';
  if (moment.earliest >= until) return 'expired';
  if (moment.earliest >= window.validFrom - SKEW && moment.latest < until) return undefined;
  return 'clock-uncertain';
}

/** The newest list decides; the code's own word counts only on a screen, where it is minutes old (wire.md 1.1). */
function colourOf(credential: Credential, lists: Lists): Colour {
  if (credential.kind !== 'person') return 'unknown';
  const subject = decodeBase64Url(credential.subject);
  const hit = subject && COLOUR_LISTS.find((colour) => lists.listed(`colour.${colour}`, subject));
  if (hit) return hit;
  if (credential.form === 'screen') return credential.colour;
  return COLOUR_LISTS.every((colour) => lists.known(`colour.${colour}`)) ? 'green' : 'unknown';
}

function isRevoked(credential: Credential, lists: Lists): boolean {
  if (credential.claims['status'] === 'revoked' || credential.claims['status'] === 'suspended') return true;
  const id = decodeHex(credential.codeId);
  if (!id || id.length === 0) return false;
  return lists.listed(credential.form === 'card' ? 'revoked.card' : 'revoked.code', id);
}

/** wire.md 3: past `expires`, or older than the scene's rule allows. */
function isStale(moment: Moment, trust: Trust, rule: Rule): boolean {
  const older = (than: Instant, seconds: number | undefined): boolean => seconds !== undefined && moment.latest - than > seconds * 1000;
  return moment.latest >= trust.expires || older(trust.issued, rule.maxAgeKeys) || older(trust.listsAsOf, rule.maxAgeLists);
}

function takes(scene: Pick<Scene, 'accepts' | 'formats'>, credential: Credential): boolean {
  if (!scene.accepts.includes(credential.kind)) return false;
  return scene.formats ? scene.formats.includes(credential.format) : credential.form !== 'transit';
}
