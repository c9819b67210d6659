/** ENT-01 to ENT-06 at the county, and the enterprise's own code at a desk. */
import { join } from 'node:path';
import t from 'tap';
import type { Cbor } from '../src/crypto/cbor.js';
import { CODE_MADE, LICENCE_SHOWN, matching } from '../src/messages/enterprise.js';
import { cborOf, jsonOf } from '../src/messages/plain.js';
import { withShown } from '../src/messages/shown.js';
import { applications, decide } from '../src/platform/applications.js';
import { holdCeremony } from '../src/platform/ceremony.js';
import { SYNTHETIC_POLICIES, syntheticEnterprise } from '../src/platform/enterprises.js';
import { enterpriseCode, representativeMark } from '../src/platform/issue.js';
import { setData, setUp } from '../src/platform/orders.js';
import { stoodAt } from '../src/platform/presented.js';
import { simulatedPhone, syntheticResident } from '../src/platform/residents.js';
import service from '../src/platform/services/enterprise.js';
import type { Terminal } from '../src/platform/store.js';
import scene from '../src/scenes/enterprise.js';
import { AT, issuer } from './county.js';
import { standAt } from './desk-stand.js';
import { newStore } from './store.js';

const NOW = Date.now();
const keys = holdCeremony({ folder: join(t.testdir(), 'county'), now: NOW - 3_600_000, region: '341525', terminals: [] });
const store = await newStore();
t.teardown(() => store.close());
await setUp(store, keys);
const terminal: Terminal = {
  id: 'HALL-1',
  checkpoint: 'CP-2',
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
const [boss, agent, stranger] = await Promise.all([41, 42, 43].map((number) => syntheticResident(keys, number)));
if (!boss || !agent || !stranger) throw new Error('no residents');
const known = syntheticEnterprise(3, boss.subject, [agent.subject]);
const { creditCode } = known;
await store.putEnterprise(known);
const by = async (who: typeof boss, rest: Record<string, string> = { creditCode }): Promise<Cbor> =>
  withShown(cborOf(rest), {
    medium: 'code',
    bytes: Uint8Array.from(Buffer.from(await simulatedPhone({ store, keys }, who).screen(NOW))),
    subject: who.subject,
  });
const { find, acting, credit, licences, licence, code, application } = service.operations;

t.test('an enterprise is found by its credit code or by what stands in the licence’s code, and told without its people', async (t) => {
  const told = { creditCode, name: known.name, status: 'active', industry: known.industry, size: known.size };
  const asked = async (body: Record<string, string>) => find.handle(cborOf(body), context);
  t.same(jsonOf((await asked({ creditCode })).body ?? null), told);
  t.same(jsonOf((await asked({ licence: `https://www.gsxt.gov.cn/x?uniscid=${creditCode}&t=1` })).body ?? null), told);
  t.same(await asked({ licence: 'https://www.gsxt.gov.cn/' }), { status: 'unknown' });
  t.same(await asked({ creditCode: syntheticEnterprise(99, '').creditCode }), { status: 'unknown' });
  for (const wrong of [{}, { creditCode: 'x' }, { creditCode, licence: 'x' }]) t.same(await asked(wrong), { status: 'refused' });
});

t.test('who may act for it is the county’s word, and only they see its licences; each look is written down', async (t) => {
  const role = async (who: typeof boss) => jsonOf((await acting.handle(await by(who), context)).body ?? null);
  t.same(await role(boss), { role: 'representative' });
  t.same(await role(agent), { role: 'agent' });
  t.same(await role(stranger), { role: 'nobody' });
  t.same(await acting.handle(cborOf({ creditCode }), context), { status: 'refused' }, 'nobody stands there');

  t.equal((await licences.handle(await by(agent), context)).status, 'ok');
  t.same(await licences.handle(await by(stranger), context), { status: 'refused' });
  const asked = { creditCode, id: 'food-permit', purpose: 'bid' };
  t.same(await licence.handle(await by(stranger, asked), context), { status: 'refused' });
  t.same(await store.audit(5), [], 'what was refused is no release');
  const shown = LICENCE_SHOWN.parse(jsonOf((await licence.handle(await by(agent, asked), context)).body ?? null));
  t.match(shown.watermark, /^\d{4}-\d\d-\d\d \d\d:\d\d HALL-1 bid$/);
  t.match(await store.audit(5), [
    { kind: 'released', facts: { licence: 'food-permit', creditCode, purpose: 'bid', subject: agent.subject } },
  ]);
  t.same(await licence.handle(await by(agent, { ...asked, id: 'crown' }), context), { status: 'unknown' });
  t.match(jsonOf((await credit.handle(cborOf({ creditCode }), context)).body ?? null), {
    asOf: '2026-11-01',
    records: [{ kind: 'good' }, { kind: 'penalty' }],
  });
});

t.test('a code is made once the county approved an application of the representative, and terminals take it', async (t) => {
  const journal = 'c0de000000000000';
  const record = (seq: number, subject: string) => ({
    terminal: 'HALL-1',
    journal,
    seq,
    kind: 'enterprise-application',
    at: NOW,
    subject,
    facts: { creditCode },
    personal: null,
  });
  t.same(await code.handle(await by(boss), context), { status: 'unknown' }, 'there is none yet');
  await store.record([record(1, agent.subject), record(2, boss.subject)], { terminal: 'HALL-1', journal, seq: 2 });
  t.equal((await applications(store)).length, 2);
  const deciding = { store, keys, terminal: 'HALL-1', now: NOW, state: 'approved' } as const;
  await t.rejects(decide({ ...deciding, number: 'C0DE-1' }), /not made by the legal representative/);
  await decide({ ...deciding, number: 'C0DE-2' });
  t.same(jsonOf((await application.handle(cborOf({ number: 'C0DE-2' }), context)).body ?? null), { state: 'approved' });
  t.same(jsonOf((await application.handle(cborOf({ number: 'C0DE-1' }), context)).body ?? null), { state: 'waiting' });

  t.same(await code.handle(await by(stranger), context), { status: 'refused' });
  const made = CODE_MADE.parse(jsonOf((await code.handle(await by(agent), context)).body ?? null));
  t.match(
    (
      await stoodAt(withShown(new Map(), { medium: 'code', bytes: Uint8Array.from(Buffer.from(made.code)), subject: creditCode }), {
        store,
        now: NOW,
      })
    )?.who,
    {
      subject: creditCode,
      carrier: 'signed',
    },
  );
});

t.test('at a desk the signed code alone gives the card, without a network', async (t) => {
  const at = standAt(t, [{ name: 'enterprise', scene, settings: {} }]);
  at.desk.act({ do: 'start', scene: 'enterprise' });
  await at.prompt();
  at.answer('card');
  await at.prompt();
  at.answer('code');
  await at.prompt();
  const claims = {
    creditCode,
    name: known.name,
    status: 'active' as const,
    contact: known.contact,
    representative: representativeMark(boss.subject, creditCode),
  };
  at.scan(Buffer.from(enterpriseCode(issuer, { ...claims, issued: AT - 60, expires: AT + 600, codeId: new Uint8Array(8) })));
  t.match(JSON.stringify(await at.prompt()), new RegExp(`企业名片.*${known.name}.*${creditCode}.*存续.*0564`, 's'));
});

t.test('policies are matched by industry, size, day and a word; what is meant more closely comes first', (t) => {
  const ids = (of: Partial<Parameters<typeof matching>[1]>) =>
    matching(SYNTHETIC_POLICIES, { industry: 'industry', size: 'large', day: '2026-11-25', ...of }).map(({ id }) => id);
  t.same(ids({}), ['tech-upgrade', 'hire-graduates']);
  t.same(ids({ day: '2027-01-01' }), ['hire-graduates'], 'what has ended is not offered');
  t.same(ids({ industry: 'trade', size: 'small' }), ['micro-loan', 'tea-cold-chain', 'hire-graduates']);
  t.same(ids({ word: '毕业生' }), ['hire-graduates']);
  t.same(ids({ word: ' GRADUATES' }), ['hire-graduates']);
  t.end();
});

t.test('a list of policies that no terminal could read is not published', async (t) => {
  await setData(store, 'policies', SYNTHETIC_POLICIES);
  await t.rejects(setData(store, 'policies', { version: 1, asOf: 'today', policies: [] }), /asOf/);
});
