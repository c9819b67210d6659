/** What is published about the messages is what the programs say: valid as AsyncAPI, up to date, and true of real messages and of damaged ones. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { asyncApi, messageSchemas } from '../src/cli/_asyncapi.js';
import { DEMO_DRUGS, DEMO_SURVEY } from '../src/cli/_demo-data.js';
import type { Clock } from '../src/contracts.js';
import { type Cbor, decodeCborMap } from '../src/crypto/cbor.js';
import { parseSign1 } from '../src/crypto/cose.js';
import { createSealer } from '../src/crypto/seal.js';
import { generateKey } from '../src/crypto/sm2.js';
import { openJournal } from '../src/journal/journal.js';
import { VERSION } from '../src/main.js';
import { ANSWER, makeAnswer } from '../src/messages/answer.js';
import { COMMAND, makeCommand } from '../src/messages/command.js';
import { encodeResolve, encodeResolved, RESOLVE_BODY, RESOLVED } from '../src/messages/credential.js';
import { fromEvent, fromMessage, toEvent, toMessage } from '../src/messages/entry.js';
import { encodeManifest } from '../src/messages/manifest.js';
import { makeRequest, REQUEST } from '../src/messages/request.js';
import { makeSecrets, SECRETS } from '../src/messages/secrets.js';
import { confirmedBy, confirmedFilter, settlementTopic } from '../src/messages/settlement.js';
import { ACK, HEAD, makeAck, makeHead } from '../src/messages/signed.js';
import { DOWN, parseTopic, topicOf, UP } from '../src/messages/topics.js';
import { signingKey } from '../src/platform/issue.js';
import { AT, issuer, REGION } from './county.js';

const ROOT = join(import.meta.dirname, '../..');
const DOCS = join(ROOT, 'docs');
const json = (file: string): unknown => JSON.parse(readFileSync(join(DOCS, file), 'utf8'));
const require = createRequire(import.meta.url);

const schemas = messageSchemas();
// A `uri` of the specification's own schema needs no look at the net to be checked for its form.
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const check = (name: string): ((value: unknown) => boolean) => ajv.compile(schemas[name] ?? { not: {} });

t.test('the AsyncAPI document holds to the specification’s own schema', (t) => {
  const specification = require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
  const validate = ajv.compile(specification);
  t.ok(validate(asyncApi(VERSION)), ajv.errorsText(validate.errors));
  t.notOk(validate({ ...asyncApi(VERSION), channels: 7 }), 'and the check can fail');
  t.end();
});

t.test('what is checked in is what the program writes: ankang schemas docs', (t) => {
  t.same(json('asyncapi.json'), JSON.parse(JSON.stringify(asyncApi(VERSION))));
  t.same(
    readdirSync(join(DOCS, 'schemas')).sort(),
    Object.keys(schemas)
      .map((name) => `${name}.json`)
      .sort(),
  );
  for (const [name, schema] of Object.entries(schemas)) t.same(json(`schemas/${name}.json`), JSON.parse(JSON.stringify(schema)), name);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  t.equal(VERSION, version, 'one version');
  t.end();
});

t.test('every topic has its channel, and every channel is a topic', (t) => {
  const { channels, components } = asyncApi(VERSION) as {
    channels: Record<string, { address: string }>;
    components: { messages: Record<string, { payload: { $ref?: string } }> };
  };
  const addresses = Object.values(channels).map(({ address }) => address);
  const base = { region: REGION, terminal: 'GATE-1' } as const;
  const topics = [
    ...UP.map((what) => topicOf({ way: 'up', ...base, what })),
    ...DOWN.map((what) => topicOf({ way: 'down', ...base, what })),
    topicOf({ way: 'trust', region: REGION, what: 'manifest' }),
    topicOf({ way: 'trust', region: REGION, what: 'part', name: 'fares', version: 7, part: 0 }),
  ];
  const operators = [settlementTopic(REGION, 'huoshan-bus', 12), confirmedFilter(REGION).replace('+', 'huoshan-bus')];
  const filled = addresses.map((address) =>
    Object.entries({ ...base, name: 'fares', version: '7', part: '0', operator: 'huoshan-bus', number: '12' }).reduce(
      (text, [name, value]) => text.replace(`{${name}}`, value),
      address,
    ),
  );
  t.same([...filled].sort(), [...topics, ...operators].sort());
  for (const topic of topics) t.ok(parseTopic(topic), topic);
  t.equal(confirmedBy(operators[1] ?? ''), 'huoshan-bus');
  for (const [name, { payload }] of Object.entries(components.messages)) {
    if (name !== 'part')
      t.ok(schemas[/schemas\/(.+)\.json$/.exec(payload.$ref ?? '')?.[1] ?? ''], `${name} points to a schema that is there`);
  }
  t.end();
});

const key = generateKey();
const signer = signingKey(key);
const id = Uint8Array.from(randomBytes(16));
const digest = Uint8Array.from(randomBytes(32));

/** The payload of a signed message, under the names of its fields, bytes as hex. */
function payloadOf(bytes: Uint8Array, names: readonly string[]): Record<string, unknown> {
  const fields = decodeCborMap(parseSign1(bytes)?.payload ?? new Uint8Array());
  return named(fields ?? new Map(), names);
}

function named(fields: Cbor, names: readonly string[]): Record<string, unknown> {
  if (!(fields instanceof Map)) throw new Error('no map');
  return Object.fromEntries([...fields].map(([label, value]) => [names[Number(label) - 1] ?? `field ${label}`, plain(value)]));
}

function plain(value: Cbor): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map ? Object.fromEntries([...value].map(([name, held]) => [String(name), plain(held)])) : value;
}

const namesOf = ({ schema }: { schema: { shape: object } }): readonly string[] => Object.keys(schema.shape);

function journalMessage(folder: string): { readonly text: string; readonly events: readonly string[] } {
  const clock: Clock = { now: () => ({ earliest: AT * 1000, latest: AT * 1000 + 50 }), monotonic: () => 0 };
  const journal = openJournal({ file: join(folder, 'journal.db'), terminal: 'GATE-1', clock, limit: 16 << 20, keepDays: 0 });
  const sealer = createSealer(signer.point, signer.kid);
  journal.transaction((tx) => {
    tx.append({ kind: 'start', at: { earliest: 0, latest: Number.POSITIVE_INFINITY }, facts: { version: '1' } });
    tx.append({
      kind: 'verdict',
      at: clock.now(),
      facts: { scene: 'entry', verdict: 'admit' },
      seal: (context) => sealer.seal(randomBytes(20), context),
    });
  });
  const origin = { region: REGION, checkpoint: 'CP-1', terminal: 'GATE-1', journal: journal.journal };
  const entries = journal.read(1, 10);
  const events = entries.map((entry) => toEvent(origin, entry));
  const last = entries.at(-1);
  if (!last) throw new Error('no entry');
  const head = makeHead({ terminal: 'GATE-1', journal: Buffer.from(journal.journal, 'hex'), seq: last.seq, hash: last.hash }, signer);
  journal.close();
  return { text: toMessage(events, head), events };
}

t.test('real messages are as the schemas say, and damaged ones are not', (t) => {
  const head = { terminal: 'GATE-1', journal: Uint8Array.from(randomBytes(8)), seq: 9, hash: digest };
  const request = {
    terminal: 'GATE-1',
    id,
    operation: 'credential/resolve',
    deadline: AT,
    body: encodeResolve({ code: 'x', scene: 'entry' }),
    replyKey: undefined,
  };
  const state = {
    session: '0123456789abcdef',
    journal: '0123456789abcdef',
    since: AT * 1000,
    health: 'serving',
    trustAge: null,
    backlog: { entries: 0, bytes: 0, hours: null },
    clock: { earliest: 1, latest: null },
    alarms: ['twin'],
    version: VERSION,
  };
  const manifest = encodeManifest({
    seq: 1,
    region: REGION,
    issued: AT * 1000,
    expires: AT * 1000 + 1000,
    keys: [
      {
        kid: issuer.kid,
        point: signer.point,
        region: REGION,
        types: ['seal'],
        validFrom: 0,
        validUntil: AT * 1000,
        revokedAt: Number.POSITIVE_INFINITY,
      },
    ],
    transit: [],
    lists: [{ name: 'colour.red', version: 2, asOf: AT * 1000, size: 8, sm3: digest, delta: { from: 1, size: 3, sm3: digest } }],
    data: [],
    roots: undefined,
    rules: { entry: { colours: ['green', 'unknown'], maxAgeKeys: 60, stale: 'flag' } },
    floor: undefined,
    minVersion: '0.1.0',
  });
  const secrets = { terminal: 'GATE-1', seq: 1, issued: AT * 1000, regionKeys: new Map(), siteKey: undefined, listKeys: new Map() };
  const message = JSON.parse(journalMessage(t.testdir()).text) as Record<string, unknown>;
  const real: Readonly<Record<string, Record<string, unknown>>> = {
    entries: message,
    state,
    head: payloadOf(makeHead(head, signer), namesOf(HEAD)),
    ack: payloadOf(makeAck({ ...head, issued: AT }, signer), namesOf(ACK)),
    request: payloadOf(makeRequest(request, signer).bytes, namesOf(REQUEST)),
    answer: payloadOf(
      makeAnswer({ terminal: 'GATE-1', id, digest, status: 'ok', body: null, issued: AT }, signer, undefined),
      namesOf(ANSWER),
    ),
    command: payloadOf(
      makeCommand(
        { terminal: 'GATE-1', station: 'gate', counter: 1, issued: AT, notAfter: AT + 60, order: { verb: 'release', direction: 'in' } },
        signer,
      ),
      namesOf(COMMAND),
    ),
    manifest: plain(decodeCborMap(manifest) ?? null) as Record<string, unknown>,
    secrets: payloadOf(makeSecrets(secrets, signer, signer), namesOf(SECRETS)),
    'credential-resolve': named(encodeResolve({ code: 'x', scene: 'entry' }), namesOf(RESOLVE_BODY)),
    'credential-resolved': named(
      encodeResolved({ subject: Buffer.alloc(16).toString('base64url'), colour: 'green', validUntil: AT * 1000 }),
      namesOf(RESOLVED),
    ),
    'pharmacy-bought': { class: 'fever', days: 7, subject: Buffer.alloc(16).toString('base64url') },
    'pharmacy-bought-answer': { bought: 2 },
    'pay-bill': { number: '20261125000000000017' },
    'pay-bill-answer': { number: '20261125000000000017', amount: 1230, what: { zh: '门诊费', en: 'Consultation' }, state: 'open' },
    'pay-charge': { number: '20261125000000000017', amount: 1230, attempt: 'a'.repeat(32), code: '134567890123456789' },
    'pay-state': { number: '20261125000000000017', attempt: 'a'.repeat(32) },
    'pay-answer': { state: 'not-charged', reason: 'insufficient' },
    'data-drugs': DEMO_DRUGS,
    'data-survey': DEMO_SURVEY,
  };
  for (const [name, value] of Object.entries(real)) {
    const holds = check(name);
    t.ok(holds(value), `${name}: ${JSON.stringify((holds as { errors?: unknown }).errors)}`);
    for (const field of (schemas[name]?.['required'] as readonly string[] | undefined) ?? []) {
      const { [field]: _, ...rest } = value;
      t.notOk(holds(rest), `${name} without ${field}`);
      t.notOk(
        holds({ ...value, [field]: { wrong: [true] } }) && field !== 'body' && field !== 'arguments',
        `${name} with a wrong ${field}`,
      );
    }
    if (name !== 'manifest') t.notOk(holds({ ...value, more: 1 }), `${name} with a field nobody knows`);
  }
  t.end();
});

t.test('the published form of an event says no to nothing that the county takes, and yes to no other form', (t) => {
  const { text, events } = journalMessage(t.testdir());
  t.ok(fromMessage(Buffer.from(text)), 'the county takes it');
  const holds = check('entries');
  const event = JSON.parse(events[1] ?? '') as Record<string, unknown>;
  const with_ = (change: object): object => ({ events: [{ ...event, ...change }], head: 'AAAA' });
  t.ok(holds(with_({})));
  const wrong: readonly object[] = [
    { specversion: '2.0' },
    { id: 'GATE-1/zz/2' },
    { source: '/ankang/0/CP-1/GATE-1' },
    { type: 'cn.ankang.Verdict.v1' },
    { time: 'now' },
    { data: [] },
    { journal: 'x' },
    { seq: 0 },
    { seq: 1.5 },
    { earliest: 1 },
    { earliest: '01' },
    { latest: null },
    { seal: '?' },
    { prev: 'AB' },
    { hash: 7 },
    { extra: 1 },
  ];
  for (const change of wrong) {
    t.notOk(holds(with_(change)), JSON.stringify(change));
    t.notOk(fromEvent({ ...event, ...change }), 'nor does the county take it');
  }
  t.end();
});
