/**
 * What an official orders of the county: each changes what the store says should hold, and `issueTrust` makes it so at the
 * terminals. Orders are given by sub-commands of `ankang county` while a county runs, or by the county's own services.
 */
import { z } from 'zod';
import { COLOURS, type Colour, type Facts, type Instant, type Json } from '../contracts.js';
import { decodeBase64Url, decodeHex } from '../crypto/base-n.js';
import { encodeCbor } from '../crypto/cbor.js';
import { pointOfSpki } from '../crypto/sm2.js';
import { DRUGS } from '../messages/drugs.js';
import { POLICIES } from '../messages/enterprise.js';
import { FARES } from '../messages/fares.js';
import { ITEMS, type Items, packItems } from '../messages/items.js';
import { MEETINGS } from '../messages/meeting.js';
import { cborOf } from '../messages/plain.js';
import { SURVEY } from '../messages/questions.js';
import { STAFF } from '../messages/staff.js';
import { pairToken } from '../messages/status-list.js';
import { isDatum, isName } from '../messages/topics.js';
import { COUNTY_USER } from './broker.js';
import { makeIssuerKey } from './ceremony.js';
import { firstGrants } from './grants.js';
import { type CountyKey, type CountyKeys, openKey } from './keys.js';
import type { CountyStore, PublishedKey } from './store.js';

/** What was ordered cannot be: a name that is unknown, a value out of its bounds. Words for the person at the keyboard. */
export class OrderError extends Error {
  override readonly name = 'OrderError';
  constructor(en: string, zh = '不能照办') {
    super(`${zh} · ${en}`);
  }
}

const STATUS_LISTS = ['colour.yellow', 'colour.red', 'colour.grey', 'revoked.code', 'revoked.card'] as const;
export const LISTED_COLOURS = ['yellow', 'red', 'grey'] as const;

/** Publishes the keys of a ceremony and opens the status lists, so that their silence means green. Safe to repeat. */
export async function setUp(store: CountyStore, keys: CountyKeys): Promise<void> {
  const known = new Set((await store.keys()).map(({ name }) => name));
  const [firstIssuer] = keys.issuers;
  const first = [...(firstIssuer ? [firstIssuer] : []), keys.platform, keys.seal];
  for (const key of first) if (!known.has(key.name)) await store.putKey(published(key, keys.region));
  for (const list of STATUS_LISTS) await store.openList(list);
}

function published({ name, kid, spki, types, validFrom, validUntil }: CountyKey, region: string): PublishedKey {
  return { name, kid, spki, region: name.startsWith('issuer-') ? region : null, types, validFrom, validUntil, revoked: null };
}

// ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Rotation {
  readonly store: CountyStore;
  readonly keys: CountyKeys;
  readonly now: Instant;
  /** ms until the new key signs: terminals that are offline now must have heard of it by then. */
  readonly lead: number;
  /** ms that the old keys go on after that, for certificates and screens under way. */
  readonly overlap: number;
}

/** A new issuer key, announced before it is used; the ones before it end after the overlap. Its name. */
export async function rotateIssuer({ store, keys, now, lead, overlap }: Rotation): Promise<string> {
  const name = makeIssuerKey({ folder: keys.folder, now: now + lead });
  const before = (await store.keys()).filter((key) => key.name.startsWith('issuer-'));
  await store.putKey(published(openKey(keys.folder, name), keys.region));
  const end = now + lead + overlap;
  for (const key of before) if (key.validUntil > end) await store.putKey({ ...key, validUntil: end });
  return name;
}

/** The issuer key that signs at `now`: the newest that has begun, has not ended and is not revoked. */
export async function signingIssuer(store: CountyStore, keys: CountyKeys, now: Instant): Promise<CountyKey> {
  const may = (await store.keys()).filter(
    (key) => key.name.startsWith('issuer-') && key.validFrom <= now && now < key.validUntil && (key.revoked ?? now + 1) > now,
  );
  const newest = may.sort((a, b) => b.validFrom - a.validFrom)[0];
  if (!newest) throw new OrderError('no issuer key is in force: rotate one in', '没有有效的签发密钥，请先轮换');
  return keys.issuers.find(({ name }) => name === newest.name) ?? openKey(keys.folder, newest.name);
}

/** `key`: name or kid in hex. Everything it signed is forged from `at` on. */
export async function revokeKey(store: CountyStore, key: string, at: Instant): Promise<void> {
  const found = (await store.keys()).find(({ name, kid }) => name === key || Buffer.from(kid).toString('hex') === key.toLowerCase());
  if (!found) throw new OrderError(`no published key is called ${key}`, '没有公布过这个密钥');
  await store.revokeKey(found.name, at);
}

// ── people and codes ────────────────────────────────────────────────────────────────────────────────────────────────

/** `id`: the code's id, 16 hex digits; a card's id alike. */
export async function revokeCode(store: CountyStore, kind: 'code' | 'card', id: string): Promise<void> {
  const token = decodeHex(id);
  if (token?.length !== 8) throw new OrderError(`the id of a ${kind} is 16 hex digits`, '编号须为 16 位十六进制数');
  await store.addMembers(`revoked.${kind}`, [token]);
}

/** Green and unknown: on no list. */
export async function setColour(store: CountyStore, subject: string, colour: Colour): Promise<void> {
  const token = subjectToken(subject);
  for (const listed of LISTED_COLOURS) if (listed !== colour) await store.removeMembers(`colour.${listed}`, [token]);
  if (LISTED_COLOURS.some((listed) => listed === colour)) await store.addMembers(`colour.${colour}`, [token]);
}

export async function putOnList(store: CountyStore, list: string, subjects: readonly string[]): Promise<number> {
  assertList(list);
  return store.addMembers(list, subjects.map(subjectToken));
}

export async function takeOffList(store: CountyStore, list: string, subjects: readonly string[]): Promise<number> {
  assertList(list);
  return store.removeMembers(list, subjects.map(subjectToken));
}

function assertList(list: string): void {
  if (!isDatum(list)) throw new OrderError(`${list} is not the name of a list, such as concession.65 or event.spring`, '不是名单的名称');
}

/** Token of a subject, or of an ordered pair written `guardian/pupil`. */
function subjectToken(subject: string): Uint8Array {
  const slash = subject.indexOf('/');
  if (slash >= 0) return pairToken(subjectToken(subject.slice(0, slash)), subjectToken(subject.slice(slash + 1)));
  const token = decodeBase64Url(subject);
  if (token?.length !== 16) throw new OrderError(`${JSON.stringify(subject)} is not a subject of 22 characters`, '主体标识须为 22 个字符');
  return token;
}

// ── rules and data ──────────────────────────────────────────────────────────────────────────────────────────────────

const RULE = z.strictObject({
  colours: z.array(z.enum(COLOURS)).max(COLOURS.length).optional(),
  maxAgeKeys: z.int().nonnegative().optional(),
  maxAgeLists: z.int().nonnegative().optional(),
  stale: z.enum(['admit', 'flag', 'refuse']).optional(),
});

/** wire.md 3 `rule`; colours by name, ages in seconds. */
export async function setRule(store: CountyStore, scene: string, rule: unknown): Promise<void> {
  if (!/^[a-z][a-z0-9/-]{0,63}$/.test(scene)) throw new OrderError(`${scene} is not the name of a scene`, '不是场景的名称');
  const checked = RULE.safeParse(rule);
  if (!checked.success) throw new OrderError(`the rule: ${faultOf(checked.error.issues)}`, '场景规则有误');
  await store.putRule(scene, JSON.parse(JSON.stringify(checked.data)) as Facts);
}

/** What terminals would read. */
const DATA: Readonly<Record<string, z.ZodType>> = {
  fares: FARES,
  drugs: DRUGS,
  survey: SURVEY,
  policies: POLICIES,
  items: ITEMS,
  meetings: MEETINGS,
  staff: STAFF,
};

/** `value`: JSON; it travels as CBOR with text keys. Data that no terminal would read is refused. */
export async function setData(store: CountyStore, name: string, value: unknown): Promise<void> {
  if (!isDatum(name) || name === 'terminals')
    throw new OrderError(`${name} is not the name of data that may be set`, '不是可设置的数据名称');
  const checked = DATA[name]?.safeParse(value);
  if (checked?.error) throw new OrderError(`${name}: ${faultOf(checked.error.issues)}`, `数据 ${name} 有误`);
  await store.putData(name, encodeCbor(name === 'items' ? packItems(checked?.data as Items) : cborOf(value as Json)));
}

/** The first thing wrong, behind the name of its field; of several shapes that would do, the one that is nearest. */
function faultOf(issues: readonly z.core.$ZodIssue[], within: readonly PropertyKey[] = []): string {
  const [issue] = issues;
  if (!issue) return '';
  const path = [...within, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return `${z.core.toDotPath(path) || '(all)'}: ${issue.message}`;
  return faultOf(
    issue.errors.reduce((nearest, shape) => (shape.length < nearest.length ? shape : nearest)),
    path,
  );
}

// ── terminals ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NewTerminal {
  readonly id: string;
  readonly checkpoint: string;
  /** Terminals of one site share replay memory and its key. */
  readonly site: string;
  /** SPKI DER of both keys. */
  readonly sign: Uint8Array;
  readonly open: Uint8Array;
  /** Grants the region key: terminals with a card reader or attendee lists. */
  readonly region: boolean;
}

/** @throws OrderError */
export function assertNames(terminal: string, ...others: readonly string[]): void {
  for (const name of [terminal, ...others])
    if (!isName(name))
      throw new OrderError(
        `${JSON.stringify(name)}: letters, digits, dot, dash and underscore only`,
        '名称只可用字母、数字、点、横线、下划线',
      );
  if (terminal === COUNTY_USER) throw new OrderError(`a terminal cannot be called ${COUNTY_USER}`, '终端不可用此名');
}

/** A name whose box was struck off may be another box's. */
export async function addTerminal(store: CountyStore, terminal: NewTerminal): Promise<void> {
  const { id, checkpoint, site, sign, open } = terminal;
  assertNames(id, checkpoint, site);
  if ((await store.terminals()).some((known) => known.id === id && !known.struck))
    throw new OrderError(`there is a terminal ${id} already`, '终端已登记');
  for (const spki of [sign, open])
    if (!pointOfSpki(spki)) throw new OrderError(`${id}: a key is not the SubjectPublicKeyInfo of an SM2 point`, '不是 SM2 公钥（SPKI）');
  await store.addTerminal({ ...terminal, struck: false }, firstGrants(id));
}

/**
 * A lost terminal: nothing of it is taken any more, its certificates go on the revocation list, and what it knew of site and lists is worth
 * nothing from the next issue on.
 */
export async function strikeTerminal(store: CountyStore, id: string, at: Instant): Promise<void> {
  if (!(await store.strike(id))) throw new OrderError(`no terminal in service is called ${id}`, '没有这个在用终端');
  await store.revokeCertificates(id, at);
  await store.raiseEpoch('site');
  await store.raiseEpoch('list');
}
