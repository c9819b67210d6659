/** The FHIR client against servers of every kind, and how strict the reference hospital is. */

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FhirResource, Invoice, Patient } from 'fhir/r4.js';
import t, { type Test } from 'tap';
import { MOST_FOUND, openFhir } from '../src/platform/fhir/client.js';
import { type FhirError, type FhirFault, saidBy } from '../src/platform/fhir/error.js';
import { RESIDENT_ID } from '../src/platform/fhir/names.js';
import { hospitalOf } from '../src/platform/hospital/seed.js';
import { DAY, MORNING } from './clinic-place.js';
import { freeSlot, ours, unpaidOf } from './clinic-stage.js';

async function serverOf(test: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
}

const json =
  (body: unknown, status = 200): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));
  };
const never = new AbortController().signal;

t.test('whatever a server says is of the type that was asked for, or one of five faults', async (t) => {
  const faultWith = async (
    listener: RequestListener,
    ask = (fhir: ReturnType<typeof openFhir>): Promise<unknown> => fhir.read('Patient', '1'),
  ) => {
    const fhir = openFhir({ url: await serverOf(t, listener), patienceMs: 300 }, never);
    return ask(fhir).then(
      () => undefined,
      (error: FhirError) => error.fault,
    );
  };
  const statuses: readonly (readonly [number, FhirFault])[] = [
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [422, 'refused'],
    [404, 'gone'],
    [410, 'gone'],
    [409, 'conflict'],
    [412, 'conflict'],
    [408, 'away'],
    [429, 'away'],
    [500, 'away'],
    [503, 'away'],
    [302, 'unreadable'],
  ];
  for (const [status, fault] of statuses)
    t.equal(await faultWith(json({ resourceType: 'Patient', id: '1' }, status)), fault, String(status));
  t.equal(await faultWith(json({ resourceType: 'Patient', id: '1' })), undefined);
  t.equal(await faultWith(json({ resourceType: 'Slot', id: '1' })), 'unreadable');
  t.equal(await faultWith(json({ resourceType: 'Patient' })), 'unreadable');
  t.equal(await faultWith(json(null)), 'unreadable');
  t.equal(await faultWith((_request, response) => void response.end('<html>')), 'unreadable');
  t.equal(await faultWith((_request, response) => void response.end('x'.repeat(5 * 1024 * 1024))), 'unreadable', 'too much');
  t.equal(await faultWith((request) => void request.destroy()), 'away');
  t.equal(await faultWith(() => undefined), 'away', 'no answer');
  t.equal(await faultWith((_request, response) => void response.writeHead(200).write('{')), 'away', 'half an answer');

  const search = (fhir: ReturnType<typeof openFhir>): Promise<unknown> => fhir.search('Slot', { status: 'free' });
  const page = (count: number, rest: object): RequestListener => {
    const entry = Array.from({ length: count }, (_, n) => ({ resource: { resourceType: 'Slot', id: String(n) } }));
    return json({ resourceType: 'Bundle', type: 'searchset', entry, ...rest });
  };
  t.equal(await faultWith(page(3, { total: 3 }), search), undefined);
  t.equal(await faultWith(page(3, { total: 4 }), search), 'unreadable', 'cut short');
  t.equal(
    await faultWith(page(1, { link: [{ relation: 'next', url: 'http://127.0.0.1:1/fhir/Slot' }] }), search),
    'unreadable',
    'a link to somebody else',
  );
  t.equal(await faultWith(page(1, { link: [{ relation: 'next', url: '/elsewhere' }] }), search), 'unreadable', 'a link out of the base');
  t.equal(await faultWith(page(1, { link: [{ relation: 'next', url: 'Slot?_page=1' }] }), search), 'unreadable', 'pages without end');
  t.equal(await faultWith(page(MOST_FOUND + 1, {}), search), 'unreadable', 'too many');
  t.equal(
    await faultWith(json({ resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: '1' } }] }), search),
    'unreadable',
  );
  const update = (fhir: ReturnType<typeof openFhir>): Promise<unknown> => fhir.update({ resourceType: 'Patient', id: '1' });
  t.equal(await faultWith(json({ resourceType: 'Patient', id: '1' }), update), 'unreadable', 'nobody told us its version');
  const both = (fhir: ReturnType<typeof openFhir>): Promise<unknown> =>
    fhir.transaction([{ request: { method: 'GET', url: 'Patient/1' } }]);
  t.equal(await faultWith(json({ resourceType: 'Bundle', entry: [] }), both), 'unreadable');
  t.equal(
    await faultWith(json({ resourceType: 'Bundle', entry: [{ response: { status: '412 Precondition Failed' } }] }), both),
    'conflict',
  );
  t.equal(await faultWith(json({ resourceType: 'Bundle', entry: [{ response: { status: '422' } }] }), both), 'refused');

  const secret = await serverOf(
    t,
    json({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid', diagnostics: '999999193001011234' }] }, 400),
  );
  const error = (await openFhir({ url: secret }, never)
    .read('Patient', '1')
    .catch((one: unknown) => one)) as FhirError;
  t.same(error.said, ['invalid: 999999193001011234']);
  t.notMatch(`${error.message} ${String(error)}`, /9999/, 'what a server says of somebody is not in the message');
  t.same(saidBy({ issue: 'x' }), []);
  t.equal(
    await openFhir({ url: 'http://127.0.0.1:1/' }, never)
      .read('Patient', '1')
      .catch((one: FhirError) => one.fault),
    'away',
  );
  const gone = AbortSignal.abort();
  t.equal(
    await openFhir({ url: secret }, gone)
      .read('Patient', '1')
      .catch((one: FhirError) => one.fault),
    'away',
  );
});

// ── the reference hospital ──────────────────────────────────────────────────────────────────────────────────────────

t.test('the reference hospital is as strict as a real one should be', async (t) => {
  const stage = await ours(t);
  const { hospital } = stage;
  const { id, who } = await stage.patient();
  const send = async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const all = { authorization: `Bearer ${hospital.token}`, 'content-type': 'application/fhir+json', ...headers };
    const response = await fetch(new URL(path, hospital.url), {
      method,
      headers: all,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: (await response.json()) as FhirResource & { link?: { url: string }[]; total?: number; entry?: unknown[] },
    };
  };
  const status = async (...asked: Parameters<typeof send>): Promise<number> => (await send(...asked)).status;
  const version = async (type: string, one: string): Promise<string> =>
    `W/"${(await stage.get<FhirResource>(type as never, one)).meta?.versionId}"`;

  t.equal(await status('GET', `Patient/${id}`, undefined, { authorization: 'Bearer x' }), 401);
  t.equal(await status('GET', 'Patient?name=x'), 400, 'a parameter it does not know is not ignored');
  t.equal(await status('GET', 'Slot?start=ge-nonsense'), 400);
  t.equal(await status('GET', 'Goal'), 404);
  t.equal(await status('GET', '../Patient'), 404);
  t.equal(await status('DELETE', `Patient/${id}`), 400);
  t.equal(await status('POST', 'Patient', 'text'), 400);
  t.equal(await status('POST', 'Patient', { resourceType: 'Patient', more: 'x'.repeat(1_100_000) }), 413);
  const patient = await stage.get<Patient>('Patient', id);
  t.equal(await status('POST', 'Patient', patient), 428, 'a create must name its key');
  t.equal(await status('POST', 'Patient', { resourceType: 'Patient' }, { 'if-none-exist': 'identifier=x|y' }), 422);
  t.equal(
    await status('POST', 'ChargeItem', { resourceType: 'ChargeItem' }, { 'if-none-exist': '_id=x' }),
    405,
    'what is the hospital’s own',
  );
  const slot = await freeSlot(stage, MORNING + DAY);
  const busy = { ...slot, status: 'busy' };
  t.equal(await status('PUT', `Slot/${slot.id}`, busy), 428, 'an update must name its version');
  t.equal(await status('PUT', `Slot/${slot.id}`, busy, { 'if-match': 'W/"99"' }), 412);
  t.equal(await status('PUT', 'Slot/nothing', { ...busy, id: 'nothing' }, { 'if-match': 'W/"1"' }), 404);
  t.equal(
    await status(
      'PUT',
      `Slot/${slot.id}`,
      { ...busy, schedule: { reference: 'Schedule/none' } },
      { 'if-match': await version('Slot', slot.id ?? '') },
    ),
    422,
  );
  const [charge = ''] = await unpaidOf(stage, who);
  const invoice = await stage.get<Invoice>('Invoice', charge);
  const match = { 'if-match': await version('Invoice', charge) };
  t.equal(await status('PUT', `Invoice/${charge}`, { ...invoice, status: 'balanced' }, match), 422, 'not without its money');
  t.equal(await status('PUT', `Invoice/${charge}`, { ...invoice, totalNet: { value: 1 } }, match), 422);
  t.equal(await status('PUT', `Invoice/${charge}`, { ...invoice, status: 'draft' }, match), 422);

  const patients = (await stage.all('Patient')).length;
  const twin = { ...patient, id: undefined, identifier: [{ system: RESIDENT_ID, value: 'another' }] };
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { resource: twin, request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=another' } },
      { resource: busy, request: { method: 'PUT', url: `Slot/${slot.id}`, ifMatch: 'W/"99"' } },
    ],
  };
  t.equal(await status('POST', '', bundle), 412);
  t.equal((await stage.all('Patient')).length, patients, 'all or nothing');
  t.equal(await status('POST', '', { ...bundle, type: 'batch' }), 400);

  const { body } = await send('GET', 'Slot?_count=50');
  t.equal(body.entry?.length, 50);
  t.match(body.link?.[0]?.url, /^http:\/\/127\.0\.0\.1:\d+\/fhir\/Slot\?_page=[0-9a-f]{16}$/, 'a link that says nothing of what was asked');
  t.ok(((await send('GET', body.link?.[0]?.url ?? '')).body.entry?.length ?? 0) > 0);
  t.equal((await openFhir(hospital, never).search('Slot', {})).length, body.total, 'the client follows it to the end');

  for (const one of await stage.all<FhirResource>('Slot'))
    if (!one.meta?.tag?.[0]?.code?.includes('synthetic')) t.fail('not marked as synthetic');
  t.same(hospitalOf({ seed: 1, now: MORNING }), hospitalOf({ seed: 1, now: MORNING }), 'the same seed, the same hospital');
  t.notSame(hospitalOf({ seed: 1, now: MORNING }), hospitalOf({ seed: 2, now: MORNING }));
});
