/** The journal and the words it sends: on real files, real damage and real kills. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual, promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Clock, Json, Moment } from '../src/contracts.js';
import { encodeCbor } from '../src/crypto/cbor.js';
import { createOpener, createSealer } from '../src/crypto/seal.js';
import { generateKey, kidOfPoint } from '../src/crypto/sm2.js';
import { sm3, sm3Hex } from '../src/crypto/sm3.js';
import { JournalError } from '../src/journal/error.js';
import { inspectJournal } from '../src/journal/inspect.js';
import { type Journal, type JournalSettings, openJournal } from '../src/journal/journal.js';
import { type Entry, entryHash, fromEvent, fromMessage, GENESIS, toEvent, toMessage } from '../src/messages/entry.js';
import { hashed } from '../src/messages/entry-hash.js';
import { canonical, parseCanonical } from '../src/messages/jcs.js';
import { type Ack, makeAck, makeHead, readAck, readHead } from '../src/messages/signed.js';
import { parseState } from '../src/messages/state.js';
import { parseTopic, topicOf } from '../src/messages/topics.js';

const PROGRAM = resolve(import.meta.dirname, '../src/cli/ankang.js');
const NOON = Date.parse('2026-03-02T04:00:00Z'); // 12:00 in Shanghai
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const at = (earliest: number): Moment => ({ earliest, latest: earliest + 50 });
const clockAt = (earliest: number): Clock => ({ now: () => at(earliest), monotonic: () => 0 });

function open(t: Test, settings: Partial<JournalSettings> = {}): Journal {
  const journal = openJournal({
    file: join(t.testdir(), 'journal.db'),
    terminal: 'gate-1',
    clock: clockAt(NOON),
    limit: 2 ** 28,
    keepDays: 30,
    ...settings,
  });
  t.teardown(() => journal.close());
  return journal;
}

function append(journal: Journal, n: number, earliest = NOON): Entry {
  return journal.transaction((transaction) =>
    transaction.append({ kind: 'verdict', at: at(earliest + n), facts: { n, verdict: 'admit' } }),
  );
}

function ackOf(journal: Journal, entry: Pick<Entry, 'seq' | 'hash'>, more: Partial<Ack> = {}): Ack {
  return {
    terminal: journal.terminal,
    journal: Buffer.from(journal.journal, 'hex'),
    seq: entry.seq,
    hash: entry.hash,
    issued: NOON / 1000,
    ...more,
  };
}

/** RFC 8785 once more, by the letter; 'true' for what has no canonical text. */
function plainCanonical(value: Json): string {
  const text = (of: Json): string | undefined => {
    if (typeof of === 'number' && !Number.isSafeInteger(of)) return undefined;
    if (typeof of === 'string' && /\p{Surrogate}/u.test(of)) return undefined;
    if (typeof of !== 'object' || of === null) return JSON.stringify(of);
    const list = Array.isArray(of);
    const parts = list
      ? of.map(text)
      : Object.entries(of)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, member]) => [text(key), text(member)]);
    if (parts.flat().includes(undefined)) return undefined;
    return list ? `[${parts.join(',')}]` : `{${parts.map((part) => (part as string[]).join(':')).join(',')}}`;
  };
  return text(value) ?? 'true';
}

/** The same value with its members put in from first to last (1) or from last to first (-1). */
function ordered(value: Json, way: 1 | -1): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => ordered(item, way));
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -way : way))
      .map(([key, member]) => [key, ordered(member, way)]),
  );
}

const code = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof JournalError ? error.code : String(error);
  }
};

t.test('words shared with the platform', async (t) => {
  await t.test('a topic is built and read back, and nothing else is a topic', async (t) => {
    const topics = [
      { way: 'up', region: '341525', terminal: 'gate-1', what: 'entries' },
      { way: 'down', region: '341525', terminal: 'bus.12_A', what: 'ack' },
      { way: 'trust', region: '341525', what: 'manifest' },
      { way: 'trust', region: '341525', what: 'part', name: 'colour.red', version: 12, part: 3 },
      { way: 'trust', region: '341525', what: 'part', name: 'fares', version: 12, from: 9, part: 0 },
    ] as const;
    for (const topic of topics) t.same(parseTopic(topicOf(topic)), topic, topicOf(topic));
    const wrong = [
      '',
      'ankang/v1',
      'ankang/v2/341525/up/a/state',
      'ankang/v1/34152/up/a/state',
      'ankang/v1/341525/up/a/ack',
      'ankang/v1/341525/up/+/state',
      'ankang/v1/341525/down/a/state',
      'ankang/v1/341525/up/a/state/x',
      'ankang/v1/341525/trust/fares/01/0',
      'ankang/v1/341525/trust/fares/5-5/0',
      'ankang/v1/341525/trust/fares/1-2-3/0',
      'ankang/v1/341525/trust/fares/1/65536',
      'ankang/v1/341525/trust/Fares/1/1',
      'ankang/v1/341525/trust/manifest/1',
      'ankang/v1/341525/trust/fares/-1/0',
      'ankang/v1/341525/up/a b/state',
      `ankang/v1/341525/up/${'a'.repeat(65)}/state`,
    ];
    for (const text of wrong) t.equal(parseTopic(text), undefined, text);
    t.throws(() => topicOf({ way: 'up', region: '341525', terminal: 'a/b', what: 'state' }), RangeError);
  });

  await t.test('canonical JSON is RFC 8785 for integers: sorted, escaped, the same whatever the order', async (t) => {
    t.equal(
      canonical({ b: [1, -0, true, null], a: '€\u000f\n"\\', '\u{1f600}': {}, é: 1 }),
      '{"a":"€\\u000f\\n\\"\\\\","b":[1,0,true,null],"é":1,"😀":{}}',
    );
    const wrong = [1.5, Number.NaN, 2 ** 53, '\ud800', 'x\udc00', { a: Number.POSITIVE_INFINITY }] as Json[];
    for (const value of wrong) t.throws(() => canonical(value), RangeError);
    t.equal(canonical('\\ud800 is text'), '"\\\\ud800 is text"');
    t.equal(parseCanonical('{"b":1,"a":2}'), undefined);
    t.equal(parseCanonical(' 1'), undefined);
    t.equal(parseCanonical('['.repeat(5000)), undefined);
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }).filter((s) => !/\p{Surrogate}/u.test(s)),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => JSON.stringify(parseCanonical(canonical(value))) === JSON.stringify(JSON.parse(canonical(value)))),
      { numRuns: 300 },
    );
  });

  await t.test('members in order or out of it, by the quick way or by the thorough one: the same text or the same refusal', async (t) => {
    const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x5c, 0x75, 0x64, 0xd800, 0xdc00)), {
      maxLength: 6,
    });
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('10', '9', '__proto__', 'toJSON', '\\ud800'),
      units.map((codes) => String.fromCharCode(...codes)),
    );
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        word,
        fc.maxSafeInteger(),
        fc.constantFrom(1.5, 2 ** 53, -0),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(word, tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    const textOf = (value: Json): string => {
      try {
        return canonical(value);
      } catch (error) {
        return String(error instanceof RangeError);
      }
    };
    fc.assert(
      fc.property(json, (value) => {
        const plain = plainCanonical(value);
        return textOf(value) === plain && textOf(ordered(value, 1)) === plain && textOf(ordered(value, -1)) === plain;
      }),
      { numRuns: 2000 },
    );
    t.equal(textOf(JSON.parse('['.repeat(16) + ']'.repeat(16))), '['.repeat(16) + ']'.repeat(16));
    t.equal(textOf(JSON.parse('['.repeat(17) + ']'.repeat(17))), 'true', 'one deeper has no text');
  });

  await t.test('a message is read as its events are one by one, whatever they repeat of each other', async (t) => {
    const names = fc.constantFrom('gate-1', 'gate-2');
    const draft = fc.record({
      terminal: fc.oneof({ weight: 9, arbitrary: fc.constant('gate-1') }, { weight: 1, arbitrary: names }),
      checkpoint: names,
      kind: fc.constantFrom('verdict', 'passage'),
      facts: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean())),
      gap: fc.constantFrom(0, 1, 59_999, 86_400_000),
      sealed: fc.boolean(),
      skips: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
    });
    const spoil = fc.option(
      fc.record({
        at: fc.nat(5),
        field: fc.constantFrom('source', 'journal', 'type', 'prev', 'hash', 'time', 'id', 'seal', 'extra'),
        text: fc.constantFrom('', 'A', 'cn.ankang.verdict.v1', '0'.repeat(64)),
      }),
      { freq: 3 },
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(draft, { minLength: 1, maxLength: 6 }), spoil, (drafts, change) => {
        let [seq, earliest, prev] = [0, NOON, GENESIS];
        const events = drafts.map(({ terminal, checkpoint, kind, facts, gap, sealed, skips }) => {
          const origin = { region: '341525', checkpoint, terminal, journal: '0123456789abcdef' };
          seq += 1 + skips;
          earliest += gap;
          const body = {
            seq,
            earliest,
            latest: sealed ? earliest : null,
            kind,
            public: canonical(facts),
            seal: sealed ? randomBytes(seq) : undefined,
            prev,
          };
          prev = entryHash(origin, body);
          return JSON.parse(toEvent(origin, { ...body, hash: prev })) as Record<string, unknown>;
        });
        if (change) events.splice(change.at % events.length, 1, { ...events[change.at % events.length], [change.field]: change.text });
        const single = events.map((event) => fromEvent(event));
        const isChain = single.every((next, i) => {
          const before = single[i - 1];
          if (!next || i === 0) return next !== undefined;
          return (
            before?.origin.terminal === next.origin.terminal &&
            next.entry.seq === before.entry.seq + 1 &&
            Buffer.from(before.entry.hash).equals(next.entry.prev)
          );
        });
        const message = fromMessage(
          Buffer.from(
            toMessage(
              events.map((event) => JSON.stringify(event)),
              Buffer.from('head'),
            ),
          ),
        );
        if (message) taken++;
        return isDeepStrictEqual(message?.arrivals, isChain ? single : undefined);
      }),
      { numRuns: 500 },
    );
    t.ok(taken > 20, `${taken} were chains`);
  });

  await t.test('the hand-made encoding of an entry is byte for byte the CBOR of the standard', async (t) => {
    const numbers = [0, 1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, NOON, Number.MAX_SAFE_INTEGER];
    for (const seq of numbers) {
      for (const latest of [null, ...numbers]) {
        const entry = {
          seq,
          earliest: seq,
          latest,
          kind: 'verdict',
          public: '{}',
          seal: latest === null ? undefined : randomBytes(5),
          prev: randomBytes(32),
        };
        const digests = { public: sm3Hex('{}'), seal: entry.seal ? sm3Hex(entry.seal) : null };
        const chain = { terminal: 'x'.repeat(1 + (seq % 64)), journal: '00ff00ff00ff00ff' };
        const plain = encodeCbor([
          1,
          chain.terminal,
          Buffer.from(chain.journal, 'hex'),
          seq,
          seq,
          latest,
          'verdict',
          sm3(Buffer.from('{}')),
          entry.seal ? sm3(entry.seal) : null,
          entry.prev,
        ]);
        if (!Buffer.from(plain).equals(hashed(chain, entry, digests))) t.fail(`differs at ${seq}, ${latest}`);
      }
    }
    t.pass('all lengths of numbers');
  });

  await t.test('an entry travels as a CloudEvent and comes out the same; any change is noticed', async (t) => {
    const origin = { region: '341525', checkpoint: 'school-1', terminal: 'gate-1', journal: '0123456789abcdef' };
    const body = {
      seq: 7,
      earliest: NOON,
      latest: null,
      kind: 'verdict',
      public: '{"a":1,"文":"字"}',
      seal: randomBytes(100),
      prev: GENESIS,
    };
    const entry: Entry = { ...body, hash: entryHash(origin, body) };
    const text = toEvent(origin, entry);
    const back = fromEvent(JSON.parse(text));
    t.equal(toEvent(back?.origin ?? origin, back?.entry ?? { ...entry, seq: 0 }), text);
    const event = JSON.parse(text) as Record<string, unknown>;
    for (const [key, value] of Object.entries(event)) {
      const { [key]: _gone, ...without } = event;
      t.equal(fromEvent(without), undefined, `without ${key}`);
      const other = typeof value === 'string' ? `${value}0` : typeof value === 'number' ? value + 1 : { ...(value as object), x: 1 };
      t.equal(fromEvent({ ...event, [key]: other }), undefined, `changed ${key}`);
    }
    t.equal(fromEvent({ ...event, extra: 1 }), undefined);
    t.equal(fromEvent({ ...event, data: { a: 1.5 } }), undefined);
    const message = Buffer.from(toMessage([text], randomBytes(10)));
    t.equal(fromMessage(message)?.arrivals.length, 1);
    t.equal(fromMessage(Buffer.from(toMessage([text, text], randomBytes(10)))), undefined, 'the same entry twice is no chain');
    t.equal(fromMessage(Buffer.from('{"events":[],"head":"AA=="}')), undefined);
    t.equal(fromMessage(message.subarray(1)), undefined);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => fromMessage(noise) === undefined));
  });

  await t.test('head and ack are believed only from the key that may say them', async (t) => {
    const key = generateKey();
    const stranger = generateKey();
    const signer = { kid: kidOfPoint(key.public.point), sign: key.sign };
    const verify = (kid: Uint8Array, _typ: string, message: Uint8Array, signature: Uint8Array): boolean =>
      Buffer.from(signer.kid).equals(kid) && key.public.verify(message, signature);
    const head = { terminal: 'gate-1', journal: randomBytes(8), seq: 9, hash: randomBytes(32) };
    t.same(readHead(makeHead(head, signer), verify), head);
    t.same(readAck(makeAck({ ...head, issued: 5 }, signer), verify), { ...head, issued: 5 });
    t.equal(readAck(makeHead(head, signer), verify), undefined, 'a head is no ack');
    t.equal(readAck(makeAck({ ...head, issued: 5 }, { ...signer, sign: stranger.sign }), verify), undefined);
    const bytes = makeAck({ ...head, issued: 5 }, signer);
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
      if (readAck(changed, verify)) t.fail(`believed with byte ${i} changed`);
    }
    t.equal(parseState('{"session":"x"}'), undefined);
    t.equal(parseState('no'), undefined);
  });
});

t.test('what was written is there, whole and in order, after closing and opening', async (t) => {
  const file = join(t.testdir(), 'journal.db');
  const settings: JournalSettings = { file, terminal: 'gate-1', clock: clockAt(NOON), limit: 2 ** 28, keepDays: 30 };
  const first = openJournal(settings);
  for (let n = 1; n <= 50; n++) append(first, n);
  const { journal: id } = first;
  t.equal(
    code(() => openJournal(settings)),
    'in-use',
    'a second writer is turned away',
  );
  first.close();
  const journal = openJournal(settings);
  t.teardown(() => journal.close());
  t.equal(journal.journal, id);
  append(journal, 51);
  const verification = journal.verify();
  t.match(verification, { ok: true, entries: 51, first: 1, last: 51 });
  const entries = journal.read(1, 100);
  t.equal(entries.length, 51);
  t.same(entries[0]?.prev, GENESIS);
  for (const [i, entry] of entries.entries()) if (i > 0) t.same(entry.prev, entries[i - 1]?.hash);
  t.same(journal.read(52, 10), []);
  t.equal(
    code(() => openJournal({ ...settings, file: join(t.testdir(), 'other.db') }).close()),
    undefined,
  );
});

t.test('a verdict and all it changes are one: everything or nothing', async (t) => {
  const journal = open(t);
  const id = randomBytes(32);
  t.throws(
    () =>
      journal.transaction((transaction) => {
        transaction.append({ kind: 'verdict', at: at(NOON), facts: {} });
        transaction.use('in', id, NOON + HOUR);
        transaction.remember('entry', 'someone', { in: true });
        transaction.addInside(3);
        transaction.keep('counter', 7);
        throw new Error('the scene fell over');
      }),
    /fell over/,
  );
  t.same(
    [journal.last, journal.inside(), journal.isUsed('in', id), journal.memory('entry', 'someone'), journal.kept('counter')],
    [0, 0, false, undefined, undefined],
  );
  journal.transaction((transaction) => {
    transaction.append({ kind: 'verdict', at: at(NOON), facts: {} });
    transaction.use('in', id, NOON + HOUR);
    transaction.remember('entry', 'someone', { in: true });
    transaction.addInside(3);
    transaction.keep('counter', 7);
  });
  t.same(
    [journal.last, journal.inside(), journal.isUsed('in', id), journal.memory('entry', 'someone'), journal.kept('counter')],
    [1, 3, true, { in: true }, 7],
  );
  t.equal(journal.isUsed('out', id), false, 'each direction for itself');
  t.equal(journal.memory('ride', 'someone'), undefined, 'each scene for itself');
  journal.transaction((transaction) => {
    transaction.annul('in', id);
    transaction.addInside(-10);
  });
  t.equal(journal.isUsed('in', id), false, 'a passage not taken may be tried again');
  t.equal(journal.inside(), 0);
  t.throws(
    () => journal.transaction((transaction) => transaction.append({ kind: 'verdict', at: at(NOON), facts: { big: 'x'.repeat(33_000) } })),
    RangeError,
  );
  t.throws(
    () => journal.transaction((transaction) => transaction.append({ kind: 'verdict', at: at(NOON), facts: { fraction: 0.5 } })),
    RangeError,
  );
  t.match(journal.verify(), { ok: true, entries: 1 });
});

t.test('an unknown upper bound of the time is written as unknown', async (t) => {
  const journal = open(t);
  const entry = journal.transaction((transaction) =>
    transaction.append({ kind: 'verdict', at: { earliest: NOON + 0.7, latest: Number.POSITIVE_INFINITY }, facts: {} }),
  );
  t.same([entry.earliest, entry.latest], [NOON, null]);
  t.match(journal.verify(), { ok: true });
});

t.test('what is sealed opens only with the county’s key and only as this entry', async (t) => {
  const journal = open(t);
  const key = generateKey();
  const d = key.export().slice(-32);
  const kid = kidOfPoint(key.public.point);
  const sealer = createSealer(key.public.point, kid);
  const entry = journal.transaction((transaction) =>
    transaction.append({ kind: 'verdict', at: at(NOON), facts: {}, seal: (context) => sealer.seal(Buffer.from('secret'), context) }),
  );
  const opener = createOpener(d, kid);
  t.equal(Buffer.from(opener.open(entry.seal ?? new Uint8Array(), `entry/gate-1/${journal.journal}/1`) ?? []).toString(), 'secret');
  t.equal(opener.open(entry.seal ?? new Uint8Array(), `entry/gate-1/${journal.journal}/2`), undefined);
});

t.test('at four in the morning the day’s memory is gone, key and all, and the count of people stays', async (t) => {
  const journal = open(t);
  const file = join(t.testdirName, 'journal.db');
  const id = randomBytes(32);
  journal.transaction((transaction) => {
    transaction.append({ kind: 'verdict', at: at(NOON), facts: {} });
    transaction.use('in', id, NOON + DAY);
    transaction.remember('entry', 'someone', 'in');
    transaction.addInside(2);
  });
  const peek = new Sqlite(file, { readonly: true });
  const { day_key: key } = peek.prepare('SELECT day_key FROM journal').get() as { day_key: Buffer };
  peek.close();
  t.equal(journal.newDay(at(NOON + 15 * HOUR)), false, '03:00 is still the same day');
  t.equal(journal.isUsed('in', id), true);
  t.equal(journal.newDay(at(NOON + 16 * HOUR)), true, '04:00 is the next');
  t.same([journal.isUsed('in', id), journal.memory('entry', 'someone'), journal.inside()], [false, undefined, 2]);
  t.equal(journal.newDay(at(NOON)), false, 'a clock that goes back does not bring it back');
  for (const name of readdirSync(t.testdirName))
    t.equal(readFileSync(join(t.testdirName, name)).includes(key), false, `${name} holds no old key`);
});

t.test('memories are bounded: a flood pushes out the oldest, never the newest', async (t) => {
  const journal = open(t);
  const ids = Array.from({ length: 70_000 }, (_, i) => Buffer.from(`code ${i}`));
  journal.transaction((transaction) => ids.forEach((id, i) => transaction.use('in', id, NOON + i)));
  t.equal(journal.isUsed('in', ids.at(-1) ?? ids[0]!), true);
  t.equal(journal.isUsed('in', ids[0]!), false);
  const peek = new Sqlite(join(t.testdirName, 'journal.db'), { readonly: true });
  t.ok((peek.prepare('SELECT count(*) AS n FROM used').get() as { n: number }).n <= 65_536);
  peek.close();
});

t.test('only an acknowledgement of my own published entry moves the cursor', async (t) => {
  const journal = open(t);
  const entries = Array.from({ length: 10 }, (_, n) => append(journal, n));
  const [third, eighth] = [entries[2]!, entries[7]!];
  t.equal(journal.acknowledge(ackOf(journal, third, { terminal: 'gate-2' }), 10), 'foreign');
  t.equal(journal.acknowledge(ackOf(journal, third, { journal: randomBytes(8) }), 10), 'foreign');
  t.equal(journal.acknowledge(ackOf(journal, { ...third, hash: eighth.hash }), 10), 'mismatch');
  t.equal(journal.acknowledge(ackOf(journal, { seq: 11, hash: third.hash }), 99), 'unpublished');
  t.equal(journal.acknowledge(ackOf(journal, eighth), 5), 'unpublished');
  t.equal(journal.acked, 0);
  t.equal(journal.acknowledge(ackOf(journal, eighth), 10), 'taken');
  t.equal(journal.acknowledge(ackOf(journal, third), 10), 'lower');
  t.equal(journal.acknowledge(ackOf(journal, eighth), 10), 'lower');
  t.equal(journal.acked, 8);
  t.match(journal.backlog(at(NOON)), { entries: 2 });
});

t.test('only what is acknowledged and old is pruned, and the chain still holds', async (t) => {
  const journal = open(t, { keepDays: 1 });
  const entries = Array.from({ length: 20 }, (_, n) => append(journal, n));
  journal.upkeep(at(NOON + 10 * DAY));
  t.equal(journal.verify().entries, 20, 'nothing was acknowledged');
  journal.acknowledge(ackOf(journal, entries[9]!), 20);
  journal.upkeep(at(NOON + HOUR));
  t.equal(journal.verify().entries, 20, 'not old yet');
  journal.upkeep(at(NOON + 10 * DAY));
  t.match(journal.verify(), { ok: true, first: 10, last: 20, entries: 11 });
  t.equal(journal.read(11, 5)[0]?.seq, 11);
  journal.acknowledge(ackOf(journal, entries[19]!), 20);
  journal.upkeep(at(NOON + 10 * DAY));
  t.match(journal.verify(), { ok: true, first: 20, last: 20 });
  journal.close();
  const again = openJournal({
    file: join(t.testdirName, 'journal.db'),
    terminal: 'gate-1',
    clock: clockAt(NOON + 10 * DAY),
    limit: 2 ** 28,
    keepDays: 1,
  });
  t.equal(append(again, 0).seq, 21);
  t.match(again.verify(), { ok: true, first: 20, last: 21 });
  again.close();
});

t.test('the backlog is told in hours until the limit at the pace of the last day', async (t) => {
  const journal = open(t, { limit: 2 ** 24 });
  t.equal(journal.backlog(at(NOON)).hours, null);
  for (let n = 0; n < 240; n++) append(journal, 0, NOON + n * (HOUR / 10));
  const { bytes, hours } = journal.backlog(at(NOON + DAY));
  const perHour = bytes / 24;
  t.equal(Math.round((2 ** 24 - bytes) / perHour), Math.round(hours ?? 0));
});

t.test('a full disk is said by its code, and writing goes on when there is room again', async (t) => {
  const journal = open(t, { limit: 256 * 1024, keepDays: 0 });
  let n = 0;
  const fill = (): void => {
    for (;;)
      journal.transaction((transaction) => transaction.append({ kind: 'verdict', at: at(NOON), facts: { n: n++, x: 'x'.repeat(2000) } }));
  };
  t.equal(code(fill), 'full');
  const { last } = journal;
  t.match(journal.verify(), { ok: true, last });
  journal.acknowledge(ackOf(journal, journal.read(last, 1)[0]!), last);
  journal.upkeep(at(NOON + DAY));
  t.equal(append(journal, 0).seq, last + 1);
  t.match(journal.verify(), { ok: true, last: last + 1 });
});

t.test('a file of another terminal or of a newer program is not touched', async (t) => {
  open(t).close();
  const file = join(t.testdirName, 'journal.db');
  const settings: JournalSettings = { file, terminal: 'gate-2', clock: clockAt(NOON), limit: 2 ** 28, keepDays: 30 };
  t.equal(
    code(() => openJournal(settings)),
    'foreign',
  );
  const db = new Sqlite(file);
  db.pragma('user_version = 99');
  db.close();
  t.equal(
    code(() => openJournal({ ...settings, terminal: 'gate-1' })),
    'newer',
  );
  t.equal(code(() => openJournal({ ...settings, file: join(t.testdirName, 'no', 'folder.db') })) !== undefined, true);
});

t.test('a damaged journal is kept aside, a new one says so, and counters survive if they can', async (t) => {
  const damages: Record<string, (file: string) => void> = {
    'the head overwritten': (file) => overwrite(file, 0),
    'a page of entries overwritten': (file) => overwrite(file, statSync(file).size - 4096),
    'cut in half': (file) => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096),
  };
  for (const [what, damage] of Object.entries(damages)) {
    await t.test(what, async (t) => {
      const journal = open(t);
      const file = join(t.testdirName, 'journal.db');
      for (let n = 0; n < 200; n++) append(journal, n);
      journal.transaction((transaction) => transaction.keep('counter', 41));
      const { journal: oldId } = journal;
      journal.close();
      damage(file);
      const begun = openJournal({ file, terminal: 'gate-1', clock: clockAt(NOON), limit: 2 ** 28, keepDays: 30 });
      t.not(begun.journal, oldId);
      const [entry] = begun.read(1, 1);
      t.match(JSON.parse(entry?.public ?? '{}'), { event: 'damaged', movedTo: 'journal.db.damaged-1' });
      t.ok(existsSync(`${file}.damaged-1`));
      t.ok(begun.kept('counter') === 41 || begun.kept('counter') === undefined);
      t.match(begun.verify(), { ok: true, entries: 1 });
      begun.close();
    });
  }
});

t.test('damage found in use is said, and the next start looks at everything and begins anew', async (t) => {
  const journal = open(t, { keepDays: 1 });
  const file = join(t.testdirName, 'journal.db');
  for (let n = 0; n < 200; n++) append(journal, n);
  journal.close();
  const pages = statSync(file).size / 4096;
  const db = new Sqlite(file);
  const root = db.prepare<[], number>("SELECT rootpage FROM sqlite_master WHERE name = 'used'").pluck().get() ?? 0;
  db.close();
  t.ok(root > 1 && root < pages);
  overwrite(file, (root - 1) * 4096);
  const settings: JournalSettings = { file, terminal: 'gate-1', clock: clockAt(NOON), limit: 2 ** 28, keepDays: 30 };
  // Counting the rows at the start may meet it already; if not, the first look-up does.
  const met = code(() => {
    const damaged = openJournal(settings);
    try {
      if (damaged.journal === journal.journal) damaged.isUsed('in', randomBytes(32));
    } finally {
      damaged.close();
    }
  });
  t.ok(met === undefined || met === 'corrupt', `met: ${met}`);
  const begun = openJournal(settings);
  t.not(begun.journal, journal.journal);
  t.equal(begun.isUsed('in', randomBytes(32)), false);
  t.match(begun.verify(), { ok: true, entries: 1 });
  begun.close();
});

t.test('a half-written log after a power cut loses only what was never acted on', async (t) => {
  const journal = open(t);
  const folder = t.testdirName;
  for (let n = 0; n < 20; n++) append(journal, n);
  // The state of a disk in the middle of the twenty-first commit: both files as they are, the log cut inside its last frames.
  for (const cut of [1, 100, 4119, 4121]) {
    const copy = join(folder, `cut-${cut}.db`);
    copyFileSync(join(folder, 'journal.db'), copy);
    copyFileSync(join(folder, 'journal.db-wal'), `${copy}-wal`);
    truncateSync(`${copy}-wal`, statSync(`${copy}-wal`).size - cut);
    const after = openJournal({ file: copy, terminal: 'gate-1', clock: clockAt(NOON), limit: 2 ** 28, keepDays: 30 });
    t.match(after.verify(), { ok: true });
    t.ok(after.last >= 18 && after.last <= 20);
    after.close();
  }
});

t.test('killed at twenty random points, the journal holds every entry that was acted on', { timeout: 240_000 }, async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'journal.db');
  let acted = 0;
  for (let kill = 0; kill < 20; kill++) {
    const said = await killedAfter(spawnAppender(file), randomInt(1, 40), randomInt(0, 8));
    acted = Math.max(acted, said);
    const inspection = inspectJournal(file);
    const found = inspection.verify();
    if (!found.ok || found.last < acted) t.fail(`kill ${kill}: last ${found.last}, acted on ${acted}`);
    inspection.close();
  }
  const journal = openJournal({ file, terminal: 'gate-1', clock: clockAt(NOON), limit: 2 ** 28, keepDays: 30 });
  t.ok(journal.last >= acted && acted >= 20, `${acted} acted on, ${journal.last} written`);
  for (let seq = 1; seq <= journal.last; seq++)
    if (!journal.isUsed('in', Buffer.from(`code ${seq}`))) t.fail(`entry ${seq} without its memory`);
  t.match(journal.verify(), { ok: true, first: 1, last: journal.last });
  journal.close();
});

t.test('the commands verify, show and export tell what is there, with an exit code', async (t) => {
  const journal = open(t);
  const file = join(t.testdirName, 'journal.db');
  for (let n = 0; n < 5; n++) append(journal, n);
  const whole = await ankang('journal', 'verify', '--journal', file, '--json');
  t.equal(whole.code, 0, 'also while the daemon writes');
  t.match(JSON.parse(whole.stdout), { ok: true, entries: 5, terminal: 'gate-1', acked: 0 });
  const lines = (await ankang('journal', 'export', '--journal', file)).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.match(lines[0], { terminal: 'gate-1', journal: journal.journal });
  t.equal(lines.length, 6);
  t.match((await ankang('journal', 'show', '--journal', file, '--last', '2')).stdout, /verdict/);
  t.equal((await ankang('journal', 'verify', '--journal', `${file}.no`)).code, 2);
  journal.close();
  const db = new Sqlite(file);
  db.prepare('UPDATE entry SET public = ? WHERE seq = 3').run('{"n":2,"verdict":"refuse"}');
  db.close();
  const broken = await ankang('journal', 'verify', '--journal', file, '--json');
  t.equal(broken.code, 1);
  t.match(JSON.parse(broken.stdout), { ok: false, fault: { seq: 3, why: 'hash' } });
  const written = await ankang('journal', 'export', '--journal', file);
  t.equal(written.code, 1, 'an export of a broken chain says so');
  t.equal(written.stdout.trim().split('\n').length, 6, 'and writes what is there');
  t.match(written.stderr, /链断于 · chain broken at 3: hash/);
});

t.test('a chain that ends before what was acknowledged is broken', async (t) => {
  const journal = open(t);
  const file = join(t.testdirName, 'journal.db');
  const entries = Array.from({ length: 33 }, (_, n) => append(journal, n));
  journal.acknowledge(ackOf(journal, entries[32]!), 33);
  journal.close();
  t.equal((await ankang('journal', 'verify', '--journal', file)).code, 0);
  const db = new Sqlite(file);
  db.exec('DELETE FROM entry WHERE seq > 30');
  db.close();
  const cut = await ankang('journal', 'verify', '--journal', file);
  t.equal(cut.code, 1);
  t.match(cut.stdout, /broken at 31: gap.*已确认到 33 · it ends at 30, acknowledged up to 33/);
  t.match(JSON.parse((await ankang('journal', 'verify', '--journal', file, '--json')).stdout), {
    ok: false,
    fault: { seq: 31 },
    acked: 33,
  });
});

t.test('what is no journal is said in both languages, without a stack', async (t) => {
  const folder = t.testdir({ empty: '', text: 'a text that is no journal', newer: '', other: '', folder: {} });
  const newer = new Sqlite(join(folder, 'newer'));
  newer.pragma('user_version = 99');
  newer.close();
  const other = new Sqlite(join(folder, 'other'));
  other.exec('CREATE TABLE journal (x)');
  other.close();
  for (const [name, exit] of Object.entries({ empty: 1, text: 1, other: 1, newer: 2, folder: 2, nowhere: 2 })) {
    for (const verb of ['verify', 'show', 'export']) {
      const { code: found, stdout, stderr } = await ankang('journal', verb, '--journal', join(folder, name));
      t.equal(found, exit, `${verb} ${name}`);
      t.match(stderr, /^ankang.*\p{Script=Han} · [a-z ]+.*\n$/u, 'one sentence');
      t.equal(stdout, '');
    }
  }
});

t.test('a reader that has read enough is no fault', async (t) => {
  const journal = open(t);
  for (let n = 0; n < 2000; n++) append(journal, n);
  journal.close();
  const child = spawn(process.execPath, [PROGRAM, 'journal', 'export', '--journal', join(t.testdirName, 'journal.db')]);
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdout.once('data', () => child.stdout.destroy());
  const [exit] = (await once(child, 'close')) as [number | null];
  t.equal(exit, 0);
  t.equal(Buffer.concat(errors).toString(), '');
});

function overwrite(file: string, position: number): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, randomBytes(4096), 0, 4096, position);
  closeSync(fd);
}

/** A process that appends as fast as it can and says each entry's number once it is on disk, as a lane would then open its gate. */
function spawnAppender(file: string): ChildProcess {
  const program = `
    import { writeSync } from 'node:fs';
    import { openJournal } from ${JSON.stringify(resolve(import.meta.dirname, '../src/journal/journal.js'))};
    const moment = { earliest: ${NOON}, latest: ${NOON} };
    const journal = openJournal({ file: ${JSON.stringify(file)}, terminal: 'gate-1', clock: { now: () => moment, monotonic: () => 0 }, limit: 2 ** 28, keepDays: 30 });
    for (;;) {
      const entry = journal.transaction((transaction) => {
        const entry = transaction.append({ kind: 'verdict', at: moment, facts: { verdict: 'admit' } });
        transaction.use('in', Buffer.from('code ' + entry.seq), ${NOON + HOUR});
        return entry;
      });
      writeSync(1, entry.seq + '\\n');
    }`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Kills it `ms` after its n-th word; the last number it said. */
async function killedAfter(child: ChildProcess, words: number, ms: number): Promise<number> {
  if (!child.stdout) throw new Error('no output to read');
  let [heard, last] = [0, 0];
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (++heard === words) setTimeout(() => child.kill('SIGKILL'), ms);
  }
  return last;
}

async function ankang(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [PROGRAM, ...args])) };
  } catch (error) {
    const { code: exit, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code: exit, stdout, stderr };
  }
}
