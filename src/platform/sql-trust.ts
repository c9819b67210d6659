/** Keys, lists, rules, data and what was issued of them. */
import type { Facts, Instant } from '../contracts.js';
import { all, get, insert, locking, type PartOf, run, runEach, type Sql } from './sql.js';
import { Outrun, type PublishedKey, type PublishedManifest, type TrustStore } from './store.js';

const KEPT_MANIFESTS = 100;

interface KeyRow {
  readonly name: string;
  readonly kid: Buffer;
  readonly spki: Buffer;
  readonly region: string | null;
  readonly types: string;
  readonly valid_from: Instant;
  readonly valid_until: Instant;
  readonly revoked: Instant | null;
}

const PUT_KEY = `INSERT INTO key VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET kid = excluded.kid, spki = excluded.spki,
  region = excluded.region, types = excluded.types, valid_from = excluded.valid_from, valid_until = excluded.valid_until, revoked = excluded.revoked`;
// A revocation is never taken back and never moved to a later time.
const REVOKE_KEY = 'UPDATE key SET revoked = CASE WHEN revoked <= ? THEN revoked ELSE ? END WHERE name = ?';
const OPEN_LIST = 'INSERT INTO list VALUES (?, 0) ON CONFLICT DO NOTHING';
const PUT_DATA = 'INSERT INTO data VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes';
const PUT_RULE = 'INSERT INTO rule VALUES (?, ?) ON CONFLICT (scene) DO UPDATE SET rule = excluded.rule';
const NOTE_SENT = `INSERT INTO sent VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, version) DO UPDATE SET parts = excluded.parts,
  "from" = excluded."from", "deltaParts" = excluded."deltaParts"`;
const PUT_SECRETS = `INSERT INTO secrets VALUES (?, ?, ?) ON CONFLICT (terminal) DO UPDATE SET bytes = excluded.bytes, content = excluded.content`;
const LAST_MANIFEST = 'SELECT * FROM manifest ORDER BY seq DESC LIMIT 1';

function* revised(list: string, changed: number): Sql<number> {
  if (changed > 0) yield* run('UPDATE list SET revision = revision + 1 WHERE name = ?', list);
  return changed;
}

export const trust: PartOf<Omit<TrustStore, 'stamp'>> = {
  *putKey({ name, kid, spki, region, types, validFrom, validUntil, revoked }) {
    yield* run(PUT_KEY, name, kid, spki, region, JSON.stringify(types), validFrom, validUntil, revoked);
  },
  *revokeKey(name, at) {
    return (yield* run(REVOKE_KEY, at, at, name)) > 0;
  },
  *keys() {
    return (yield* all<KeyRow>('SELECT * FROM key ORDER BY name')).map(keyOf);
  },
  *openList(list) {
    yield* run(OPEN_LIST, list);
  },
  *addMembers(list, tokens) {
    yield* run(OPEN_LIST, list);
    const rows = tokens.map((token) => [list, token]);
    return yield* revised(list, yield* insert({ into: 'member', columns: ['list', 'token'], rows, known: 'ignored' }));
  },
  *removeMembers(list, tokens) {
    const members = tokens.map((token) => [list, token]);
    return yield* revised(list, yield* runEach('DELETE FROM member WHERE list = ? AND token = ?', members));
  },
  *lists() {
    return yield* all('SELECT * FROM list ORDER BY name');
  },
  *isMember(list, token) {
    return (yield* get('SELECT list FROM member WHERE list = ? AND token = ?', list, token)) !== undefined;
  },
  *members(list) {
    return (yield* all<{ readonly token: Buffer }>('SELECT token FROM member WHERE list = ?', list)).map(({ token }) => token);
  },
  *putData(name, bytes) {
    yield* run(PUT_DATA, name, bytes);
  },
  *data() {
    const rows = yield* all<{ readonly name: string; readonly bytes: Buffer }>('SELECT name, bytes FROM data ORDER BY name');
    return new Map(rows.map(({ name, bytes }) => [name, bytes]));
  },
  *putRule(scene, rule) {
    yield* run(PUT_RULE, scene, JSON.stringify(rule));
  },
  *rules() {
    const rows = yield* all<{ readonly scene: string; readonly rule: string }>('SELECT scene, rule FROM rule ORDER BY scene');
    return Object.fromEntries(rows.map(({ scene, rule }) => [scene, JSON.parse(rule) as Facts]));
  },
  *epoch(of) {
    return (yield* get<{ readonly epoch: number }>('SELECT epoch FROM epoch WHERE of = ?', of))?.epoch ?? 0;
  },
  *raiseEpoch(of) {
    yield* run('UPDATE epoch SET epoch = epoch + 1 WHERE of = ?', of);
  },
  *keepIssue({ manifest, data, secrets }) {
    yield* locking('manifest');
    const last = yield* get<PublishedManifest>(LAST_MANIFEST);
    if (last && manifest.seq <= last.seq) throw new Outrun(`manifest ${manifest.seq} is not above ${last.seq}: another process issued one`);
    const { seq, issued, expires, bytes, content } = manifest;
    yield* run('INSERT INTO manifest VALUES (?, ?, ?, ?, ?)', seq, issued, expires, bytes, content);
    yield* run('DELETE FROM manifest WHERE seq <= ?', seq - KEPT_MANIFESTS);
    yield* runEach(
      'INSERT INTO datum VALUES (?, ?, ?, ?, ?, ?, ?)',
      data.map((one) => [one.name, one.version, one.bytes, one.from, one.delta, one.epoch, one.revision]),
    );
    yield* runEach(
      'DELETE FROM datum WHERE name = ? AND version < ?',
      data.map(({ name, version }) => [name, version]),
    );
    yield* runEach(
      PUT_SECRETS,
      secrets.map((one) => [one.terminal, one.bytes, one.content]),
    );
  },
  *manifest() {
    return yield* get(LAST_MANIFEST);
  },
  *latestData() {
    return yield* all('SELECT * FROM datum ORDER BY name');
  },
  *secrets() {
    return yield* all('SELECT * FROM secrets ORDER BY terminal');
  },
  *sent() {
    return yield* all('SELECT * FROM sent ORDER BY name, version');
  },
  *noteSent({ name, version, parts, from, deltaParts }) {
    yield* run(NOTE_SENT, name, version, parts, from, deltaParts);
  },
  *forgetSent({ name, version }) {
    yield* run('DELETE FROM sent WHERE name = ? AND version = ?', name, version);
  },
};

function keyOf({ types, valid_from, valid_until, ...row }: KeyRow): PublishedKey {
  return { ...row, types: JSON.parse(types) as string[], validFrom: valid_from, validUntil: valid_until };
}
