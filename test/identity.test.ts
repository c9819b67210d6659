/** Who stood at a desk, as the county checks it itself, and what it tells of them (SEC-06). */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import type { Person } from '../src/contracts.js';
import { encodeBase45 } from '../src/crypto/base45.js';
import type { Cbor } from '../src/crypto/cbor.js';
import { generateKey } from '../src/crypto/sm2.js';
import { FORM } from '../src/messages/claims.js';
import { cborOf } from '../src/messages/plain.js';
import { withShown } from '../src/messages/shown.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { personCode, signingKey } from '../src/platform/issue.js';
import { revokeKey, setUp, signingIssuer } from '../src/platform/orders.js';
import { stoodAt } from '../src/platform/presented.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import identity from '../src/platform/services/identity.js';
import type { Terminal } from '../src/platform/store.js';
import { newStore } from './store.js';

const NOW = Date.now();
const folder = join(t.testdir(), 'county');
const keys = holdCeremony({ folder, now: NOW - 3_600_000, region: '341525', terminals: [] });
const store = await newStore();
t.teardown(() => store.close());
await setUp(store, keys);
const resident = await syntheticResident(keys, 7);
const phone = simulatedPhone({ store, keys }, resident);
const { subject } = resident;

const shown = (text: string, of = subject, medium: 'code' | 'card' = 'code') => ({
  medium,
  bytes: Uint8Array.from(Buffer.from(text)),
  subject: of,
});
const carrier = async (text: string, of = subject, at = NOW): Promise<string | undefined> =>
  (await stoodAt(withShown(new Map(), shown(text, of)), { store, now: at }))?.who.carrier;

t.test('the county’s own codes are believed by their signatures, other carriers by the terminal that signed for them', async (t) => {
  const screen = await phone.screen(NOW);
  t.equal(await carrier(screen), 'signed');
  t.equal(await carrier(await phone.moment(NOW)), 'signed');
  t.equal(await carrier(await phone.paper(NOW)), 'signed');
  t.equal(await carrier('https://akm.ahzwfw.gov.cn/x'), 'said');
  t.equal((await stoodAt(withShown(new Map(), shown('AK1:x', subject, 'card')), { store, now: NOW }))?.who.carrier, 'said');
  t.equal(await carrier(screen, subject, NOW + 20 * 60_000), 'signed', 'a conversation may outlast the code that began it');

  const other = (await syntheticResident(keys, 8)).subject;
  t.equal(await carrier(screen, other), undefined, 'somebody else’s code');
  t.equal(await carrier(screen, subject, NOW + 3_600_000), undefined, 'a code of an hour ago');
  t.equal(await carrier(`${screen.slice(0, -1)}${screen.endsWith('0') ? '1' : '0'}`), undefined, 'changed');
  t.equal(await carrier('AK1:'), undefined);
  t.equal(await carrier('AK2:'), undefined);
  t.equal(await carrier(`AE1:${encodeBase45(Uint8Array.from(randomBytes(80)))}`), undefined);
  const claims = {
    region: keys.region,
    subject,
    issued: NOW / 1000 - 5,
    expires: NOW / 1000 + 60,
    codeId: new Uint8Array(8),
    form: FORM.screen,
  };
  const whole = { ...claims, issued: Math.floor(claims.issued), expires: Math.floor(claims.expires) };
  t.equal(await carrier(personCode(signingKey(generateKey()), whole)), undefined, 'signed by a stranger');
  const { kid } = await signingIssuer(store, keys, NOW);
  t.equal(await carrier(personCode({ ...signingKey(generateKey()), kid }, whole)), undefined, 'under our kid by a stranger');
  t.equal(await stoodAt(new Map(), { store, now: NOW }), undefined, 'nobody is named');
  t.equal(await stoodAt(null, { store, now: NOW }), undefined);
  t.equal(await stoodAt(new Map([['who', new Map([[1, 'code']])]]), { store, now: NOW }), undefined);
});

t.test('the fields that were asked for are told, no others, and the release is written down first', async (t) => {
  const { release } = identity.operations;
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
  const asked = { fields: ['name', 'birth'], scene: 'stay', purpose: 'guest-record' };
  const ask = (body: Cbor, who = shown('')) => release.handle(withShown(body, who), context);
  const screen = await phone.screen(NOW);

  t.same(release.asks(withShown(cborOf(asked), shown(screen))), { scene: 'stay', fields: ['name', 'birth'] });
  const { status, body } = await ask(cborOf(asked), shown(screen));
  t.equal(status, 'ok');
  const person = (await store.person(subject)) as Person;
  t.same(
    body,
    new Map([
      ['name', person.name],
      ['birth', person.birth],
    ]),
  );
  t.match(await store.audit(1), [
    { kind: 'released', terminal: 'DESK-1', facts: { scene: 'stay', fields: ['name', 'birth'], subject, carrier: 'signed' } },
  ]);

  const stranger = Buffer.from(randomBytes(16)).toString('base64url');
  t.same(await ask(cborOf(asked), shown('card', stranger, 'card')), { status: 'unknown' });
  t.same(await ask(cborOf(asked), shown('AK1:X')), { status: 'refused' });
  for (const wrong of [
    { ...asked, fields: [] },
    { ...asked, fields: ['soul'] },
    { ...asked, purpose: '' },
    { ...asked, more: 1 },
  ])
    t.same(await ask(cborOf(wrong), shown(screen)), { status: 'refused' }, JSON.stringify(wrong));
  t.equal((await store.audit(10)).filter(({ kind }) => kind === 'released').length, 1, 'what was refused is no release');

  await revokeKey(store, (await signingIssuer(store, keys, NOW)).name, NOW - 1);
  t.same(await ask(cborOf(asked), shown(screen)), { status: 'refused' }, 'its issuer’s key is revoked');
});
