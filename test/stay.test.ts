/** STAY-01 at the county: the two steps of the trusted-identity service, and one receipt of the police for a stay. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import type { Cbor } from '../src/crypto/cbor.js';
import { cborOf } from '../src/messages/plain.js';
import { withShown } from '../src/messages/shown.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { setUp } from '../src/platform/orders.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import stay from '../src/platform/services/stay.js';
import type { Terminal } from '../src/platform/store.js';
import { createTrustedIdentity } from '../src/platform/trusted-identity.js';
import { startTrustedIdentity } from '../src/platform/trusted-identity-simulated.js';
import { newStore } from './store.js';

const NOW = Date.now();
const keys = holdCeremony({ folder: join(t.testdir(), 'county'), now: NOW - 3_600_000, region: '341525', terminals: [] });
const store = await newStore();
t.teardown(() => store.close());
await setUp(store, keys);
const service = await startTrustedIdentity(0);
t.teardown(() => service.stop());
const trustedIdentity = createTrustedIdentity(service.settings);
const terminal: Terminal = {
  id: 'HOTEL-1',
  checkpoint: 'CP-9',
  site: '',
  sign: new Uint8Array(0),
  open: new Uint8Array(0),
  region: false,
  struck: false,
};
const context = (ms = 5000) => ({
  store,
  keys,
  gateway: undefined,
  trustedIdentity,
  terminal,
  id: new Uint8Array(16),
  now: NOW,
  signal: AbortSignal.timeout(ms),
});
const resident = await syntheticResident(keys, 21);
const screen = await simulatedPhone({ store, keys }, resident).screen(NOW);
const shown = (text = screen) => ({ medium: 'code' as const, bytes: Uint8Array.from(Buffer.from(text)), subject: resident.subject });
const confirm = (body: Cbor, ms?: number) => stay.operations.confirm.handle(body, context(ms));
const asked = (text?: string): Cbor => withShown(new Map(), shown(text));

t.test('a guest is confirmed by two steps bound to one random number, and the mark names nobody', async (t) => {
  t.same(await confirm(asked()), { status: 'refused' }, 'the service does not know this person');
  service.know(resident.id);
  const { status, body } = await confirm(asked());
  t.equal(status, 'ok');
  const mark = (body as Map<string, string>).get('mark') ?? '';
  t.match(mark, /^[A-Za-z0-9+/]{32}$/);
  for (const told of [resident.id, createHash('sha256').update(resident.id).digest('base64')]) t.notMatch(mark, told);
  t.same(await confirm(asked()), { status, body }, 'the same person has the same mark');
  t.equal(service.verdicts, 3, 'each time a new random number');
});

t.test('whoever is not proved is not asked about', async (t) => {
  const before = service.verdicts;
  t.same(await confirm(asked(`${screen.slice(0, -1)}${screen.endsWith('0') ? '1' : '0'}`)), { status: 'refused' });
  t.same(await confirm(new Map()), { status: 'refused' });
  t.same(await confirm(withShown(new Map([['more', 1]]), shown())), { status: 'refused' });
  t.same(await confirm(withShown(new Map(), { ...shown('card'), medium: 'card', subject: 'AAAAAAAAAAAAAAAAAAAAAA' })), {
    status: 'unknown',
  });
  t.equal(service.verdicts, before);
});

t.test('a service that is away, slow or talks nonsense is a fault, never a verdict', async (t) => {
  for (const fault of ['down', 'wrong-envelope'] as const) {
    service.fault(fault);
    await t.rejects(confirm(asked()), { name: 'TrustedIdentityError' }, fault);
  }
  service.fault('slow');
  await t.rejects(confirm(asked(), 200), { name: 'TimeoutError' });
  service.fault(undefined);
  t.equal((await confirm(asked())).status, 'ok', 'it is asked again');
  t.same(
    await stay.operations.confirm.handle(asked(), { ...context(), trustedIdentity: undefined }),
    { status: 'fault' },
    'a county without the line',
  );
});

t.test('the police’s receipt is one for a stay, whoever asks again', async (t) => {
  const register = (body: Cbor) => stay.operations.register.handle(body, context());
  const first = await register(cborOf({ stay: 'A1B2-7', guests: 2 }));
  t.match(first, { status: 'ok' });
  t.same(await register(cborOf({ stay: 'A1B2-7', guests: 2 })), first);
  const other = await register(cborOf({ stay: 'A1B2-8', guests: 1 }));
  t.notSame(other, first);
  t.match(await store.acknowledgedStays(), [{ stay: 'A1B2-7', guests: 2 }, { stay: 'A1B2-8' }]);
  for (const wrong of [
    null,
    cborOf({}),
    cborOf({ stay: 'x', guests: 1 }),
    cborOf({ stay: 'A1B2-9', guests: 0 }),
    cborOf({ stay: 'A1B2-9', guests: 1, name: 'x' }),
  ])
    t.same(await register(wrong), { status: 'refused' });
});
