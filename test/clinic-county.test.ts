/** A running county with a hospital: a desk asks over the broker, pays, and the hospital is told by the county itself. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Invoice } from 'fhir/r4.js';
import mqtt from 'mqtt';
import t from 'tap';
import type { Facts, Json, Log } from '../src/contracts.js';
import { privateKeyOf } from '../src/crypto/sm2.js';
import { readAnswer } from '../src/messages/answer.js';
import { cborOf, jsonOf } from '../src/messages/plain.js';
import { makeRequest } from '../src/messages/request.js';
import { withShown } from '../src/messages/shown.js';
import { topicOf } from '../src/messages/topics.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { startCounty, storePath } from '../src/platform/county.js';
import { grant } from '../src/platform/grant-orders.js';
import { startHospital } from '../src/platform/hospital/server.js';
import { addTerminal, setUp } from '../src/platform/orders.js';
import { openSandbox } from '../src/platform/pay-sandbox.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import { openStore } from '../src/platform/sqlite.js';

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const KIOSK = 'KIOSK-1';
const now = (): number => Date.now();

t.test('from the code that a person shows to the invoice that is balanced', async (t) => {
  const folder = join(t.testdir(), 'county');
  const keys = holdCeremony({ folder, now: now() - 3_600_000, region: '341525', terminals: [KIOSK] });
  const { sign, open } = keys.terminal(KIOSK);
  const store = openStore(storePath(folder));
  await setUp(store, keys);
  await addTerminal(store, { id: KIOSK, checkpoint: 'HOSPITAL', site: 'HOSPITAL', sign: sign.spki, open: open.spki, region: false });
  await grant({ store, terminal: KIOSK, words: ['clinic/*', 'pay/*'], now: now() });
  await store.close();
  const hospital = await startHospital({ port: 0, path: join(folder, 'hospital.sqlite'), seed: 1, now });
  const provider = openSandbox({ file: ':memory:', now });
  const { url, token } = hospital;
  const county = await startCounty({ folder, broker: { embedded: { port: 0 } }, hospital: { url, token }, provider, now, log });
  const line = await mqtt.connectAsync(county.brokerUrl ?? '', {
    protocolVersion: 5,
    username: KIOSK,
    password: keys.brokerPassword(KIOSK),
    clientId: KIOSK,
  });
  t.teardown(async () => {
    await line.endAsync();
    await county.stop();
    await hospital.stop();
    provider.end();
  });
  const platform = privateKeyOf(keys.platform.d).public;
  const waiting = new Map<string, (answer: { readonly status: string; readonly body: Json }) => void>();
  line.on('message', (_topic, payload) => {
    const answer = readAnswer(payload, (_kid, _typ, message, signature) => platform.verify(message, signature));
    if (answer) waiting.get(Buffer.from(answer.id).toString('hex'))?.({ status: answer.status, body: jsonOf(answer.body) ?? null });
  });
  await line.subscribeAsync(topicOf({ way: 'down', region: keys.region, terminal: KIOSK, what: 'answer' }), { qos: 1 });

  const phone = simulatedPhone({ store: county.store, keys }, await syntheticResident(keys, 9));
  const code = Buffer.from(await phone.screen(now()));
  const who = { medium: 'code' as const, bytes: Uint8Array.from(code), subject: phone.resident.subject };
  const ask = async (operation: string, asked: Facts, shown = who) => {
    const id = Uint8Array.from(randomBytes(16));
    const answered = new Promise<{ readonly status: string; readonly body: Json }>((resolve) =>
      waiting.set(Buffer.from(id).toString('hex'), resolve),
    );
    const body = operation.startsWith('clinic/') ? withShown(cborOf(asked), shown) : cborOf(asked);
    const request = makeRequest(
      { terminal: KIOSK, id, operation, deadline: Math.floor(now() / 1000) + 20, body, replyKey: undefined },
      sign,
    );
    await line.publishAsync(topicOf({ way: 'up', region: keys.region, terminal: KIOSK, what: 'request' }), Buffer.from(request.bytes), {
      qos: 1,
    });
    return answered;
  };

  t.match(await ask('clinic/card', {}), { status: 'refused', body: { reason: 'no-record' } });
  t.match(await ask('clinic/card-open', {}), { status: 'ok', body: { card: /^HSYY\d{12}$/, existed: false } });
  const stranger = { ...who, subject: Buffer.from(randomBytes(16)).toString('base64url') };
  t.match(await ask('clinic/card', {}, stranger), { status: 'refused', body: null }, 'the code is somebody else’s');
  const { body } = await ask('clinic/charges', {});
  const { charges } = body as unknown as { readonly charges: readonly { readonly id: string }[] };
  const { body: billed } = await ask('clinic/bill', { charges: charges.map(({ id }) => id) });
  const bill = billed as { readonly number: string; readonly amount: number };
  hospital.fault({ fault: 'broken' });
  const charge = { ...bill, attempt: randomBytes(16).toString('hex'), code: '134567890123456789' };
  t.match(await ask('pay/charge', charge), { status: 'ok', body: { state: 'paid' } });
  t.match(await ask('clinic/charges', {}), { status: 'fault' }, 'the hospital is away');
  hospital.fault(undefined);
  t.match(await ask('clinic/charges', {}), { status: 'ok', body: { charges: [] } }, 'paid, whether or not the hospital knows');
  const statuses = (): readonly string[] => charges.map(({ id }) => (hospital.resources.get('Invoice', id) as Invoice).status);
  while (!statuses().every((status) => status === 'balanced')) await sleep(20);
  t.pass('the hospital was told, again until it took the word');
  t.match(await county.store.audit(1), [
    { kind: 'released', facts: { purpose: 'clinic/charges', subject: who.subject, carrier: 'signed' } },
  ]);
});
