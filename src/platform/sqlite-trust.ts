/** Keys, lists, rules, data and what was issued of them, in SQLite. */
import type Database from 'better-sqlite3';
import type { Facts, Instant } from '../contracts.js';
import {
  type Issue,
  type ListRevision,
  Outrun,
  type PublishedDatum,
  type PublishedKey,
  type PublishedManifest,
  type PublishedSecrets,
  type SentDatum,
  type TrustStore,
} from './store.js';

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

export function trustOf(db: Database.Database): TrustStore {
  const sql = statements(db);
  const openList = (list: string): void => void sql.openList.run(list);
  const change = (list: string, tokens: readonly Uint8Array[], each: typeof sql.addMember): number => {
    const changed = tokens.reduce((sum, token) => sum + each.run(list, token).changes, 0);
    if (changed > 0) sql.revise.run(list);
    return changed;
  };
  const addMembers = db.transaction((list: string, tokens: readonly Uint8Array[]) => {
    openList(list);
    return change(list, tokens, sql.addMember);
  });
  const removeMembers = db.transaction((list: string, tokens: readonly Uint8Array[]) => change(list, tokens, sql.removeMember));
  const keepIssue = db.transaction((issue: Issue) => keep(sql, issue));
  return {
    putKey: async ({ name, kid, spki, region, types, validFrom, validUntil, revoked }) =>
      void sql.putKey.run(name, kid, spki, region, JSON.stringify(types), validFrom, validUntil, revoked),
    revokeKey: async (name, at) => sql.revokeKey.run(at, name).changes > 0,
    keys: async () => sql.keys.all().map(keyOf),
    openList: async (list) => openList(list),
    addMembers: async (list, tokens) => addMembers.immediate(list, tokens),
    removeMembers: async (list, tokens) => removeMembers.immediate(list, tokens),
    lists: async () => sql.lists.all(),
    isMember: async (list, token) => sql.isMember.get(list, token) !== undefined,
    members: async (list) => sql.members.all(list).map(({ token }) => token),
    putData: async (name, bytes) => void sql.putData.run(name, bytes),
    data: async () => new Map(sql.data.all().map(({ name, bytes }) => [name, bytes])),
    putRule: async (scene, rule) => void sql.putRule.run(scene, JSON.stringify(rule)),
    rules: async () => Object.fromEntries(sql.rules.all().map(({ scene, rule }) => [scene, JSON.parse(rule) as Facts])),
    epoch: async (of) => sql.epoch.get(of)?.epoch ?? 0,
    raiseEpoch: async (of) => void sql.raiseEpoch.run(of),
    keepIssue: async (issue) => keepIssue.immediate(issue),
    manifest: async () => sql.manifest.get(),
    latestData: async () => sql.latestData.all(),
    secrets: async () => sql.secrets.all(),
    sent: async () => sql.sent.all(),
    noteSent: async ({ name, version, parts, from, deltaParts }) => void sql.noteSent.run(name, version, parts, from, deltaParts),
    forgetSent: async ({ name, version }) => void sql.forgetSent.run(name, version),
    stamp: async () => Number(db.pragma('data_version', { simple: true })),
  };
}

function keep(sql: ReturnType<typeof statements>, { manifest, data, secrets }: Issue): void {
  const last = sql.manifest.get();
  if (last && manifest.seq <= last.seq) throw new Outrun(`manifest ${manifest.seq} is not above ${last.seq}: another process issued one`);
  sql.addManifest.run(manifest.seq, manifest.issued, manifest.expires, manifest.bytes, manifest.content);
  sql.forgetManifests.run(manifest.seq - KEPT_MANIFESTS);
  for (const { name, version, bytes, from, delta, epoch, revision } of data) {
    sql.addDatum.run(name, version, bytes, from, delta, epoch, revision);
    sql.forgetData.run(name, version);
  }
  for (const { terminal, bytes, content } of secrets) sql.putSecrets.run(terminal, bytes, content);
}

function keyOf({ types, valid_from, valid_until, ...row }: KeyRow): PublishedKey {
  return { ...row, types: JSON.parse(types) as string[], validFrom: valid_from, validUntil: valid_until };
}

function statements(db: Database.Database) {
  return {
    putKey: db.prepare<[string, Uint8Array, Uint8Array, string | null, string, number, number, number | null]>(
      'INSERT OR REPLACE INTO key VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    // A revocation is never taken back and never moved to a later time.
    revokeKey: db.prepare<[number, string]>('UPDATE key SET revoked = min(coalesce(revoked, 9e15), ?) WHERE name = ?'),
    keys: db.prepare<[], KeyRow>('SELECT * FROM key ORDER BY name'),
    openList: db.prepare<[string]>('INSERT OR IGNORE INTO list VALUES (?, 0)'),
    addMember: db.prepare<[string, Uint8Array]>('INSERT OR IGNORE INTO member VALUES (?, ?)'),
    removeMember: db.prepare<[string, Uint8Array]>('DELETE FROM member WHERE list = ? AND token = ?'),
    lists: db.prepare<[], ListRevision>('SELECT * FROM list ORDER BY name'),
    revise: db.prepare<[string]>('UPDATE list SET revision = revision + 1 WHERE name = ?'),
    isMember: db.prepare<[string, Uint8Array], { readonly list: string }>('SELECT list FROM member WHERE list = ? AND token = ?'),
    members: db.prepare<[string], { readonly token: Buffer }>('SELECT token FROM member WHERE list = ?'),
    putData: db.prepare<[string, Uint8Array]>('INSERT OR REPLACE INTO data VALUES (?, ?)'),
    data: db.prepare<[], { readonly name: string; readonly bytes: Buffer }>('SELECT name, bytes FROM data ORDER BY name'),
    putRule: db.prepare<[string, string]>('INSERT OR REPLACE INTO rule VALUES (?, ?)'),
    rules: db.prepare<[], { readonly scene: string; readonly rule: string }>('SELECT scene, rule FROM rule ORDER BY scene'),
    epoch: db.prepare<[string], { readonly epoch: number }>('SELECT epoch FROM epoch WHERE of = ?'),
    raiseEpoch: db.prepare<[string]>('UPDATE epoch SET epoch = epoch + 1 WHERE of = ?'),
    manifest: db.prepare<[], PublishedManifest>('SELECT * FROM manifest ORDER BY seq DESC LIMIT 1'),
    addManifest: db.prepare<[number, number, number, Uint8Array, Uint8Array]>('INSERT INTO manifest VALUES (?, ?, ?, ?, ?)'),
    forgetManifests: db.prepare<[number]>('DELETE FROM manifest WHERE seq <= ?'),
    addDatum: db.prepare<[string, number, Uint8Array, number | null, Uint8Array | null, number, number]>(
      'INSERT INTO datum VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    forgetData: db.prepare<[string, number]>('DELETE FROM datum WHERE name = ? AND version < ?'),
    latestData: db.prepare<[], PublishedDatum>('SELECT * FROM datum ORDER BY name'),
    sent: db.prepare<[], SentDatum>('SELECT * FROM sent ORDER BY name, version'),
    noteSent: db.prepare<[string, number, number, number | null, number]>('INSERT OR REPLACE INTO sent VALUES (?, ?, ?, ?, ?)'),
    forgetSent: db.prepare<[string, number]>('DELETE FROM sent WHERE name = ? AND version = ?'),
    putSecrets: db.prepare<[string, Uint8Array, Uint8Array]>('INSERT OR REPLACE INTO secrets VALUES (?, ?, ?)'),
    secrets: db.prepare<[], PublishedSecrets>('SELECT * FROM secrets ORDER BY terminal'),
  };
}
