/** ELD-01 to ELD-03 at the county: codes on paper that terminals take and that can be made void, cards as carriers, applications decided. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { decodeBase64Url, decodeHex } from '../src/crypto/base-n.js';
import type { Cbor } from '../src/crypto/cbor.js';
import { sm3 } from '../src/crypto/sm3.js';
import { encodeKnownCard } from '../src/messages/card.js';
import { CARRIERS_HELD, PAPER_MADE } from '../src/messages/elder.js';
import { syntheticId } from '../src/messages/identifiers.js';
import { cborOf, jsonOf } from '../src/messages/plain.js';
import { withShown } from '../src/messages/shown.js';
import { applications, decide } from '../src/platform/applications.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { setUp } from '../src/platform/orders.js';
import { stoodAt } from '../src/platform/presented.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import elder from '../src/platform/services/elder.js';
import type { Terminal } from '../src/platform/store.js';
import { newStore } from './store.js';

const NOW = Date.now();
const keys = holdCeremony({ folder: join(t.testdir(), 'county'), now: NOW - 3_600_000, region: '341525', terminals: [] });
const store = await newStore();
t.teardown(() => store.close());
await setUp(store, keys);
const terminal: Terminal = {
  id: 'DESK-1',
  checkpoint: 'CP-1',
  site: '',
  sign: new Uint8Array(0),
  open: new Uint8Array(0),
  region: false,
  struck: false,
};
const context = {
  store,
  keys,
  gateway: undefined,
  trustedIdentity: undefined,
  terminal,
  id: new Uint8Array(16),
  now: NOW,
  signal: new AbortController().signal,
};
const resident = await syntheticResident(keys, 31);
const screen = await simulatedPhone({ store, keys }, resident).screen(NOW);
const { subject } = resident;
const code = randomBytes(16).toString('hex');
const byCode = (rest: Cbor = new Map()): Cbor => withShown(rest, { medium: 'code', bytes: Uint8Array.from(Buffer.from(screen)), subject });
const byCard = (of = subject, rest: Cbor = new Map()): Cbor =>
  withShown(rest, {
    medium: 'card',
    bytes: encodeKnownCard({ code, number: undefined, validUntil: undefined, holder: { subject: of, epoch: 0 } }),
    subject: of,
  });
const { paper, bind, carriers, lost, application } = elder.operations;
const held = async () => CARRIERS_HELD.parse(jsonOf((await carriers.handle(byCard(), context)).body ?? null));

t.test('a code on paper is the person’s, holds a year, and is void for every terminal once it is lost', async (t) => {
  const answer = await paper.handle(byCard(), context);
  const made = PAPER_MADE.parse(jsonOf(answer.body ?? null));
  t.equal(made.name, '测******', 'masked');
  t.match(
    (await stoodAt(withShown(new Map(), { medium: 'code', bytes: Uint8Array.from(Buffer.from(made.code)), subject }), { store, now: NOW }))
      ?.who,
    {
      subject,
      carrier: 'signed',
    },
  );
  t.match(await held(), { papers: [{ id: made.id, until: made.until }], cards: [] });

  const other = (await syntheticResident(keys, 32)).subject;
  t.same(await lost.handle(byCard(other, cborOf({ id: made.id })), context), { status: 'refused' }, 'somebody else’s cannot be reported');
  t.match(await lost.handle(byCode(cborOf({ id: made.id })), context), { status: 'ok' });
  t.ok(await store.isMember('revoked.code', decodeHex(made.id) ?? new Uint8Array(0)), 'it stands on the revocation list');
  t.match(await held(), { papers: [] });
  t.same(await lost.handle(byCode(cborOf({ id: made.id })), context), { status: 'refused' }, 'once');
});

t.test('three at once are enough, and the county gives none to people it does not know', async (t) => {
  for (let i = 0; i < 3; i++) t.equal((await paper.handle(byCode(), context)).status, 'ok');
  t.same(await paper.handle(byCode(), context), { status: 'refused', body: cborOf({ reason: 'too-many' }) });
  t.match(await paper.handle(byCard(Buffer.from(randomBytes(16)).toString('base64url')), context), { status: 'unknown' });
  for (const wrong of [new Map(), byCode(cborOf({ more: 1 })), null]) t.same(await paper.handle(wrong, context), { status: 'refused' });
});

t.test('a card that was registered can be made void without having it', async (t) => {
  t.same(await bind.handle(byCode(), context), { status: 'refused' }, 'a code is no card');
  t.match(await bind.handle(byCard(), context), { status: 'ok' });
  t.match(await bind.handle(byCard(), context), { status: 'ok' }, 'again is nothing new');
  const { cards } = await held();
  t.equal(cards.length, 1);
  const id = cards[0]?.id ?? '';
  t.equal(id, Buffer.from(sm3(Buffer.from(code, 'hex')).subarray(0, 8)).toString('hex'), 'the id that terminals look for on the list');
  t.match(await lost.handle(byCode(cborOf({ id })), context), { status: 'ok' });
  t.ok(await store.isMember('revoked.card', decodeHex(id) ?? new Uint8Array(0)));
});

t.test('an application is decided once, and the person is a holder then', async (t) => {
  const idNumber = syntheticId('19400102', 77);
  const record = (seq: number, personal: Record<string, string>) => ({
    terminal: 'DESK-1',
    journal: 'a1b2000000000000',
    seq,
    kind: 'elder-application',
    at: NOW,
    subject,
    facts: { relation: 'child', way: 'typed' },
    personal,
  });
  await store.record([record(7, { name: '测试老人', idNumber }), record(8, { elder: subject }), record(9, {})], {
    terminal: 'DESK-1',
    journal: 'a1b2000000000000',
    seq: 9,
  });
  const stateOf = async (number: string) => jsonOf((await application.handle(cborOf({ number }), context)).body ?? null);
  t.same(await stateOf('A1B2-7'), { state: 'waiting' });
  t.match(await application.handle(cborOf({ number: 'A1B2-99' }), context), { status: 'unknown' });
  t.same(await application.handle(cborOf({ number: 'x' }), context), { status: 'refused' });
  t.match(await applications(store), [
    { number: 'A1B2-7', state: 'waiting', record: { subject } },
    { number: 'A1B2-8' },
    { state: 'waiting' },
  ]);

  const deciding = { store, keys, terminal: 'DESK-1', now: NOW };
  const before = await store.holders();
  const { subject: made } = await decide({ ...deciding, number: 'A1B2-7', state: 'approved' });
  t.equal(await store.holders(), before + 1);
  t.match(await store.person(made ?? ''), { name: '测试老人', idNumber, birth: '1940-01-02', sex: '男' });
  t.equal(decodeBase64Url(made ?? '')?.length, 16);
  t.same(await stateOf('A1B2-7'), { state: 'approved' });
  await t.rejects(decide({ ...deciding, number: 'A1B2-7', state: 'declined' }), /decided already/);
  await t.rejects(decide({ ...deciding, number: 'A1B2-99', state: 'declined' }), /sent no application/);
  await t.rejects(decide({ ...deciding, number: 'A1B2-9', state: 'approved' }), /names nobody/);
  await decide({ ...deciding, number: 'A1B2-9', state: 'declined' });
  t.same(await stateOf('A1B2-9'), { state: 'declined' });
});
