/** The county hall (GOV-01): the list that an office keeps, what is found in it, the life of a case, and all of it at a kiosk in a real browser. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeXlsx } from 'hucre/xlsx';
import { chromium } from 'playwright-core';
import t from 'tap';
import { z } from 'zod';
import type { DeskScene, Json } from '../src/contracts.js';
import { encodeCbor } from '../src/crypto/cbor.js';
import { CASE_STATES, readReceipt, receiptCode } from '../src/messages/affairs.js';
import { candidates } from '../src/messages/candidates.js';
import { LARGEST_DATA } from '../src/messages/manifest.js';
import { cborOf } from '../src/messages/plain.js';
import { searchOf } from '../src/messages/search.js';
import { spells } from '../src/messages/spelling.js';
import { after, VERBS, verbsOf } from '../src/platform/affairs/case.js';
import { move, opened, settle } from '../src/platform/affairs/cases.js';
import { catalogue, catalogueCsv, demoItems } from '../src/platform/affairs/catalogue.js';
import { COLUMN_NAMES } from '../src/platform/affairs/columns.js';
import { importItems } from '../src/platform/affairs/import.js';
import { onFile } from '../src/platform/affairs/licences.js';
import { csvLine, readTable, TableError } from '../src/platform/affairs/table.js';
import { openCountyStore } from '../src/platform/open-store.js';
import { setData } from '../src/platform/orders.js';
import type { Recorded } from '../src/platform/register-store.js';
import type { Context } from '../src/platform/services/_service.js';
import affairs from '../src/platform/services/affairs.js';
import { apply, isFor } from '../src/scenes/_affair.js';
import { AT, REGION } from './county.js';
import { screen, standAt } from './desk-stand.js';
import { freePort } from './mosquitto.js';
import { BROWSER, CHROMIUM, SIZES } from './screens.js';
import { newStore } from './store.js';

const PROGRAM = join(import.meta.dirname, '../src/cli/ankang.js');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FOUND = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';

t.setTimeout(600_000);

const HEADER = COLUMN_NAMES.join(',');
const GOOD =
  '000199001000,老年证办理,Senior card,老年卡,民政局/Civil Affairs,公共服务,养老,个人,,居民身份证/ID card@id-card；照片,即办,12.50,一楼,姓名|text|20,是';
const imported = async (text: string | Uint8Array) => importItems(await readTable(typeof text === 'string' ? Buffer.from(text) : text), 7);
/** As a spreadsheet on Chinese Windows writes it: Node decodes it and cannot encode it. */
function gb18030(text: string): Uint8Array {
  const decoder = new TextDecoder('gb18030');
  const pairs = new Map<string, readonly number[]>();
  for (let high = 0x81; high <= 0xfe; high++)
    for (let low = 0x40; low <= 0xfe; low++) pairs.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
  return Uint8Array.from([...text].flatMap((sign) => pairs.get(sign) ?? [sign.charCodeAt(0)]));
}

/** The good row with one cell changed. */
const but = (column: (typeof COLUMN_NAMES)[number], cell: string): string =>
  csvLine(GOOD.split(',').map((one, at) => (COLUMN_NAMES[at] === column ? cell : one)));

t.test('a list that an office keeps', async (t) => {
  await t.test('a row becomes an item with its spelling, its materials and its form', async (t) => {
    const { items, faults } = await imported(`${HEADER}\n${GOOD}\n`);
    t.same(faults, []);
    t.match(items, {
      version: 7,
      departments: [{ name: { zh: '民政局', en: 'Civil Affairs' }, pinyin: 'min zheng ju' }],
      materials: [{ name: { zh: '居民身份证' }, licence: 'id-card' }, { name: { zh: '照片', en: 'Zhao pian' } }],
      forms: [[{ id: 'b1', kind: 'text', longest: 20 }]],
      items: [
        { pinyin: 'lao nian zheng ban li', aliases: [{ name: '老年卡', pinyin: 'lao nian ka' }], days: 0, fee: 1250, synthetic: true },
      ],
    });
  });

  const BAD: readonly (readonly [line: string, column: string, says: RegExp])[] = [
    [but('code', '12345'), '基本编码', /12 至 31 位/],
    [but('code', '99001000000'), '基本编码', /前面的 0/],
    [but('name', ''), '事项名称', /不能为空/],
    [but('department', '/Civil'), '部门', /缺少中文名称/],
    [but('type', '行政'), '事项类型', /行政许可、/],
    [but('who', '大家'), '申请人', /个人、企业/],
    [but('materials', '身份证@ID'), '申请材料', /电子证照代号 ID/],
    [but('materials', Array.from({ length: 31 }, (_, n) => `材料${n}`).join('；')), '申请材料', /最多 30 项/],
    [but('days', '三天'), '承诺工作日', /0 至 366/],
    [but('fee', '1.234'), '收费（元）', /金额/],
    [but('form', '姓名|essay'), '表单', /类型须为/],
    [but('form', '姓名|text'), '表单', /缺少数字/],
    [but('form', '姓名|text|999'), '表单', /1 至 200/],
    [but('form', '方式|choice|邮寄'), '表单', /2 至 12 个选项/],
    [but('synthetic', '也许'), '演示', /是 或 否/],
    [GOOD, '基本编码', /编码与第 2 行重复/],
    [but('code', '000199001009').replace('老年证办理', '长'.repeat(121)), '', /超出范围：name/],
  ];
  await t.test('bad rows are named by line and column in both languages, and the good ones are beside', async (t) => {
    const { items, faults } = await imported(
      [HEADER, GOOD, ...BAD.map(([line]) => line.trimEnd()), GOOD.replace('001000', '001001')].join('\n'),
    );
    t.same(
      items?.items.map(({ code }) => code),
      ['000199001000', '000199001001'],
    );
    for (const [at, [, column, says]] of BAD.entries()) {
      const fault = faults.find(({ line }) => line === at + 3);
      t.match(fault, { column, words: { zh: says, en: /[a-z]{2}/ } }, `line ${at + 3}`);
    }
    t.equal(faults.length, BAD.length);
  });

  await t.test('a cell over several lines does not shift the numbers; GB18030 and XLSX read alike', async (t) => {
    const quoted = [HEADER, but('conditions', '年满\n六十 "周岁"').trimEnd(), but('code', 'x').trimEnd()].join('\n');
    const { items, faults } = await imported(quoted);
    t.match(items?.texts, [{ zh: '年满\n六十 "周岁"' }, { zh: '一楼' }]);
    t.match(faults, [{ line: 4, column: '基本编码' }]);
    const chinese = await imported(gb18030(`${HEADER}\r\n${GOOD}\r\n`));
    const rows = [HEADER.split(','), GOOD.split(','), but('days', 'x').trimEnd().split(',')];
    const sheet = await imported(await writeXlsx({ sheets: [{ name: '事项', rows }] }));
    t.same(chinese.items, (await imported(`${HEADER}\n${GOOD}`)).items);
    t.same(sheet.items, chinese.items);
    t.match(sheet.faults, [{ line: 3, column: '承诺工作日' }]);
  });

  await t.test('what is no list at all is said so', async (t) => {
    for (const [bytes, says] of [
      [Buffer.from('a,b\n1,2'), /缺少列：基本编码/],
      [Buffer.from(''), /缺少列/],
      [Buffer.from('PK\u0003\u0004 and then nothing'), /XLSX/],
      [Uint8Array.of(0xff, 0xff, 0xff), /GB18030/],
      [Buffer.from(`${HEADER}\n"open`), /引号没有结束/],
    ] as const)
      await t.rejects(imported(bytes), { name: 'TableError', message: says });
    await t.rejects(readTable(new Uint8Array(33 * 1024 * 1024)), TableError);
  });

  await t.test(
    'the made-up catalogue: 1,172 items, each marked, within the bounds of signed data, and the same again as CSV',
    async (t) => {
      const items = demoItems();
      t.equal(items.items.length, 1172);
      t.ok(items.items.every(({ synthetic }) => synthetic));
      t.ok(encodeCbor(cborOf(JSON.parse(JSON.stringify(items)) as Json)).length < LARGEST_DATA / 8);
      const { items: again, faults } = await imported(catalogueCsv());
      t.same(faults, []);
      t.same({ ...again, version: 1 }, items);
      t.throws(() => catalogue(99_999), RangeError);
    },
  );
});

t.test('what is found', async (t) => {
  const search = searchOf(demoItems());
  const CASES: readonly (readonly [typed: string, first: string, why: string])[] = [
    ['居民身份证补办', '居民身份证补办', 'the whole name'],
    ['身份证 补', '居民身份证补办', 'two parts of it'],
    ['jiehun', '内地居民结婚办理', 'pinyin of what people call it'],
    ['jhbl', '内地居民结婚办理', 'initials'],
    ['jiehbl', '内地居民结婚办理', 'some of it spelt out, some begun'],
    ['JIEHUN', '内地居民结婚办理', 'capitals of the keys on the screen'],
    ['ｊｉｅｈｕｎ', '内地居民结婚办理', 'full-width letters of an input method'],
    ['000109001003', '居民身份证补办', 'the number'],
    ['109001003', '居民身份证补办', 'the end of a number'],
    ['低保', '最低生活保障金申领', 'a name in use'],
    ['公安局 身份证 补办', '居民身份证补办', 'a department and what is wanted'],
    ['gaj 身份证', '居民身份证核发', 'the initials of a department'],
    ['退役军人 优待证', '退役军人优待证办理', 'an event of life'],
    ['marriage', '内地居民结婚办理', 'English'],
  ];
  for (const [typed, first, why] of CASES) t.equal(search.find(typed)[0]?.name.zh, first, `${typed}: ${why}`);
  t.equal(search.find('').length, 1172, 'nothing typed: all of them');
  for (const typed of ['vvv', '龘', '结婚 vvv', "'; DROP", '\u0000', 'x'.repeat(5000)])
    t.same(search.find(typed), [], JSON.stringify(typed.slice(0, 12)));
  t.ok(
    search.find('办理', ({ who }) => !who.includes('person')).every(({ who }) => who.join() === 'enterprise'),
    'only among these',
  );
  t.equal(spells(['xi', 'an'], 'xian'), 0);
  t.equal(spells(['xian'], 'xia'), 0);
  t.equal(spells(['bu', 'xian'], 'xian'), 1);
  t.equal(spells(['xi', 'an'], 'xiang'), -1);
  t.equal(spells(Array<string>(60).fill('aa'), `${'a'.repeat(39)}b`), -1, 'at once, though it may be cut in very many ways');
  t.equal(spells([], ''), -1);
});

t.test('pinyin typed at a desk: names and places', (t) => {
  const first = (typed: string): string | undefined => candidates(typed).choices[0]?.id;
  for (const [typed, written] of [
    ['wang', '王'],
    ['ZHANG', '张'],
    ['huoshan', '霍山县'],
    ['ouyang', '欧阳'],
    ['lv', '吕'],
    ['shan', '山'],
  ] as const)
    t.ok(
      candidates(typed).choices.some(({ id }) => id === written),
      `${typed}: ${written}`,
    );
  t.equal(first('wang'), '王');
  t.ok(
    candidates('zen').choices.some(({ id }) => id === '曾') || candidates('zeng').choices.some(({ id }) => id === '曾'),
    'a surname as it is read',
  );
  for (const typed of ['', '123', 'zzzz', '王']) t.same(candidates(typed).choices, [], typed);
  t.ok(candidates('z').choices.length <= 30);
  t.end();
});

const NOW = AT * 1000;
const application = (seq: number, more: Partial<Recorded> = {}): Recorded => ({
  terminal: 'DESK-1',
  journal: 'a1b2c3d4e5f60718',
  seq,
  kind: 'affair',
  at: NOW,
  subject: 'AAAAAAAAAAAAAAAAAAAAAA',
  facts: { item: '000109001003', version: 1 },
  personal: { form: { b1: 'X1', b2: 'c1' }, library: ['id-card'] },
  ...more,
});

t.test('the life of a case', async (t) => {
  t.test('as a table: every state, every verb', (t) => {
    const table = CASE_STATES.map((state) => [state, ...VERBS.map((verb) => after(state, verb) ?? '–')].join(' '));
    t.same(table, [
      'submitted accepted returned – –',
      'accepted – returned decided –',
      'returned accepted – – –',
      'decided – – – delivered',
      'delivered – – – –',
    ]);
    t.same(
      CASE_STATES.map(verbsOf).map((verbs) => verbs.length),
      [2, 2, 1, 1, 0],
    );
    t.end();
  });

  const store = await newStore();
  t.teardown(() => store.close());
  await setData(store, 'items', demoItems());
  const hall = { store, region: REGION, now: NOW };

  await t.test('an application that comes as an entry becomes one case, however often it comes', async (t) => {
    const position = { terminal: 'DESK-1', journal: 'a1b2c3d4e5f60718', seq: 3 };
    await store.record([application(1), application(3, { facts: { item: '999999999999' } })], position);
    t.equal(await settle(hall), 2);
    await store.record([application(1)], position);
    t.equal(await settle(hall), 0);
    const all = await store.cases({ limit: 10 });
    t.same(all.map(({ number, name }) => `${number.slice(14)} ${name.zh}`).sort(), ['00001 居民身份证补办', '00002 目录中没有的事项']);
    t.match(all[0]?.number, /^\d{6}-\d{6}-\d{5}$/);
    t.not(all[0]?.token, all[1]?.token);
  });

  await t.test('moved by the table, with its history; what cannot be is refused in words', async (t) => {
    const [one] = await store.cases({ limit: 1, state: 'submitted' });
    const number = one?.number ?? '';
    const go = (verb: (typeof VERBS)[number], note?: string) => move({ ...hall, number, verb, note });
    await t.rejects(go('deliver'), /submitted: it can be accept, return/);
    await t.rejects(go('return'), /--note/);
    t.match(await go('return', '缺照片'), { state: 'returned', note: '缺照片' });
    await go('accept');
    await go('decide');
    t.match(await go('deliver'), { state: 'delivered', note: null });
    await t.rejects(go('accept'), /nothing more/);
    await t.rejects(move({ ...hall, number: '341525-000000-00000', verb: 'accept', note: undefined }), /没有这个办件/);
    t.same(
      (await store.caseSteps(number)).map(({ state }) => state),
      ['submitted', 'returned', 'accepted', 'decided', 'delivered'],
    );
    t.equal(await store.moveCase({ number, from: 'submitted', to: 'accepted', at: NOW, note: null }), false, 'somebody else was first');
  });

  await t.test('an official reads the form by its labels, and that is written down', async (t) => {
    const [one] = (await store.cases({ limit: 9 })).filter(({ seq }) => seq === 1);
    await t.rejects(opened(hall, one?.number ?? '', 'x'), /何人因何/);
    t.match(await opened(hall, one?.number ?? '', 'test of a case'), {
      application: { form: { 证件编号: 'X1', 原因: '遗失' }, library: ['id-card'] },
      steps: [{ state: 'submitted' }],
    });
    t.match((await store.audit(1))[0], { kind: 'released', facts: { purpose: 'test of a case', case: one?.number } });
  });

  await t.test('the services: numbers once the entry is there, state by receipt, strangers turned away', async (t) => {
    const context = {
      store,
      keys: { region: REGION },
      now: NOW,
      terminal: { id: 'DESK-1' },
      signal: AbortSignal.timeout(300),
    } as unknown as Context;
    const { submit, cases, materials } = affairs.operations;
    const say = (body: Parameters<typeof cborOf>[0]) => cborOf(body);
    const first = await submit.handle(say({ kept: 'A1B2-1' }), context);
    t.equal(first.status, 'ok');
    t.same(await submit.handle(say({ kept: 'A1B2-1' }), context), first, 'asked again: the same number');
    t.equal((await submit.handle(say({ kept: 'A1B2-2' }), context)).status, 'fault', 'not here yet: it may be asked again');
    t.equal((await submit.handle(say({ kept: 'a' }), context)).status, 'refused');
    const [one] = await store.cases({ limit: 1 });
    if (!one) throw new Error('no case');
    const receipt = readReceipt(receiptCode(one));
    t.same(receipt, { number: one.number, token: one.token });
    t.equal((await cases.handle(say({ ...receipt }), context)).status, 'ok');
    t.equal(
      (await cases.handle(say({ number: one.number, token: '0'.repeat(16) }), context)).status,
      'unknown',
      'a number that somebody guessed',
    );
    t.equal((await cases.handle(say({}), context)).status, 'refused', 'nobody stands there');
    t.equal((await materials.handle(say({ item: one.item }), context)).status, 'refused', 'nobody stands there');
    for (const text of ['', 'AKCASE', 'AKCASE:1:2', `AKCASE:${one.number}:${'g'.repeat(16)}`]) t.equal(readReceipt(text), undefined, text);
  });

  await t.test('the e-licence library: the same each time, half, slow and away', async (t) => {
    const ask = (fault: Parameters<typeof onFile>[0]['fault'], subject = 'A'.repeat(22)) =>
      onFile({ subject, licences: ['id-card', 'household', 'marriage', 'real-estate'], fault, signal: AbortSignal.timeout(10) });
    const well = await ask('well');
    t.same(await ask('well'), well);
    t.equal(well.complete, true);
    t.equal(well.onFile[0]?.licence, 'id-card');
    t.notSame(await ask('well', 'B'.repeat(22)), well);
    const half = await ask('half');
    t.match(half, { complete: false });
    t.ok(half.onFile.length < well.onFile.length || well.onFile.length === 1);
    await t.rejects(ask('away'));
    await t.rejects(ask('slow'), 'nobody waits any more');
  });
});

t.test('an item for an enterprise, by whoever acts for it: as the scene of enterprises runs it', async (t) => {
  const search = searchOf(demoItems());
  const item = search.find('000131001000', isFor('enterprise'))[0];
  if (!item) throw new Error('the catalogue has no item for enterprises');
  const scene: DeskScene = {
    accepts: ['person'],
    settings: z.unknown(),
    title: { zh: '企业服务', en: 'Enterprises' },
    words: {},
    async visit(desk) {
      const person = await desk.identify({ zh: '经办人', en: 'who acts' }, ['person']);
      await apply(desk, { item, version: 1 }, { person, enterprise: { creditCode: '91341525TEST000017', name: '测试公司' } });
    },
  };
  const at = standAt(t, [{ name: 'enterprise', scene, settings: undefined }]);
  at.desk.act({ do: 'start', scene: 'enterprise' });
  at.scan(screen());
  const step = async (kind: string, value: Json): Promise<string> => {
    const prompt = await at.prompt();
    t.equal(prompt.kind, kind);
    const read = JSON.stringify(prompt);
    t.ok(at.answer(value), kind);
    return read;
  };
  while (at.visit().prompt.kind !== 'confirm') await sleep(2);
  t.match(await step('confirm', true), /食品经营许可证核发/);
  await step('show', null);
  await step('fill', { b1: '13000000000', b2: '城关镇', b3: 'c1' });
  await step('confirm', true);
  t.match(await step('show', null), /测试公司/);
  await at.menu();
  t.match(JSON.parse(String(at.entries('affair')[0]?.opened?.[3])), { enterprise: '91341525TEST000017', form: { b2: '城关镇' } });
  t.notMatch(JSON.stringify(at.entries().map(({ facts }) => facts)), '91341525TEST000017', 'only sealed');
});

t.test('ankang county items: a list with bad rows leaves the one in force', async (t) => {
  const folder = t.testdir();
  const county = join(folder, 'county');
  const file = join(folder, 'items.csv');
  const ankang = (...args: readonly string[]) =>
    spawnSync(process.execPath, [PROGRAM, 'county', ...args], { encoding: 'utf8', maxBuffer: 64e6 });
  t.equal(ankang('init', '-c', county).status, 0);
  writeFileSync(file, ankang('items', 'sample').stdout);
  t.match(ankang('items', 'import', file, '-c', county), { status: 0, stdout: /"version":1,"items":1172,"bad":0,"published":true/ });
  writeFileSync(file, `${HEADER}\n${GOOD}\n${but('days', 'x')}`);
  t.match(ankang('items', 'import', file, '-c', county), { status: 1, stderr: /第 3 行 承诺工作日：.* · line 3: / });
  t.match(ankang('items', 'show', '-c', county), { stdout: /"version":1,"items":1172/ });
  t.match(ankang('items', 'import', file, '-c', county, '--good-rows'), { status: 0, stdout: /"version":2,"items":1,"bad":1/ });
  t.match(ankang('items', 'import', PROGRAM, '-c', county), { status: 2, stderr: /缺少列/ });
  t.match(ankang('case', 'accept', '341525-000000-00000', '-c', county), { status: 2, stderr: /没有这个办件/ });
  t.match(ankang('case', 'list', '-c', county, '--state', 'lost'), { status: 2 });
  t.match(ankang('library', 'gone', '-c', county), { status: 2 });
});

t.test('at a kiosk', { skip: !existsSync(CHROMIUM) && 'install chromium: apt-get install chromium' }, async (t) => {
  const folder = t.testdir();
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--port', String(port), '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  while (!out.includes('Ctrl-C')) await sleep(50);
  const browser = await chromium.launch(BROWSER);
  t.teardown(() => browser.close());
  const url = `http://127.0.0.1:${port}`;
  const post = async (path: string, body: object): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const faults: string[] = [];
  tab.on('pageerror', (error) => faults.push(error.message));
  const at = (prompt: string) => tab.waitForSelector(`[data-prompt="${prompt}"]`);
  const touch = (name: RegExp) => tab.getByRole('button', { name }).first().click();
  const key = (name: string) => tab.getByRole('button', { name, exact: true }).click();
  const typed = (text: string) => tab.waitForSelector(`#found[data-typed="${text}"]`);
  const begin = async (): Promise<void> => {
    await touch(/政务服务/);
    await at('choose');
    await touch(/按名称找事项/);
    await at('search');
  };
  await tab.goto(`${url}/?station=kiosk`);
  await tab.evaluate(AXE);
  await at('menu');

  await t.test(
    '1,172 items came signed to the terminal; keys of the screen and of a keyboard find them; axe finds nothing at any size',
    async (t) => {
      await begin();
      t.match(await tab.textContent('.told'), /共 1172 项/);
      for (const letter of 'SFZBB') await key(letter);
      await typed('sfzbb');
      t.match(await tab.textContent('#found'), /居民身份证补办/);
      t.equal(await tab.locator('#found li').count(), 1);
      t.same(await tab.evaluate(FOUND), []);
      for (const [width, height] of SIZES) {
        await tab.setViewportSize({ width, height });
        t.ok(Number(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, `not sideways at ${width}×${height}`);
      }
      await tab.setViewportSize({ width: 1280, height: 800 });
      await key('退格 backspace');
      await typed('sfzb');
      await tab.getByRole('combobox').fill('vvvv');
      await tab.waitForSelector('#found', { state: 'detached' });
      t.match(await tab.textContent('.told'), /没有找到/);
      t.same(await tab.evaluate(FOUND), []);
    },
  );

  await t.test('arrows move, a screen reader is told where, Enter takes; what is typed fast is answered by its newest', async (t) => {
    const box = tab.getByRole('combobox');
    await box.fill('');
    await box.pressSequentially('gongjijin', { delay: 0 });
    await typed('gongjijin');
    await box.press('ArrowDown');
    t.equal(await box.getAttribute('aria-activedescendant'), 'found-1');
    t.equal(await tab.getAttribute('#found-1', 'aria-selected'), 'true');
    const second = await tab.textContent('#found-1 .zh');
    await box.press('Enter');
    await at('confirm');
    t.match(await tab.textContent('.lines'), new RegExp(second ?? 'nothing'));
    await touch(/不对/);
    await at('menu');
  });

  await t.test('what was typed before and comes late, from another page or another step, decides nothing', async (t) => {
    await begin();
    const view = (await (await fetch(`${url}/api/view`)).json()) as { desks: { visit: { id: string; step: number } }[] };
    const { id, step } = view.desks[0]?.visit ?? { id: '', step: 0 };
    const type = (more: object) => post('/api/act', { station: 'kiosk', action: { do: 'type', visit: id, step, text: 'jiehun', ...more } });
    const answer = await type({});
    t.equal(answer.status, 200);
    t.match(await answer.json(), { typed: 'jiehun', choices: [{ label: { zh: '内地居民结婚办理' } }], more: 0 });
    t.equal((await type({ step: step + 1 })).status, 409);
    t.equal((await type({ visit: 'another' })).status, 409);
    t.equal((await type({ text: 'x'.repeat(61) })).status, 400);
    const take = (value: string) => post('/api/act', { station: 'kiosk', action: { do: 'answer', visit: id, step, value } });
    t.equal((await take('000109001003')).status, 409, 'it is not among what was found last');
    await touch(/返回/);
    await at('menu');
  });

  /** To the form of 居民身份证补办. */
  const toForm = async (): Promise<void> => {
    await begin();
    await tab.getByRole('combobox').fill('sfzbb');
    await typed('sfzbb');
    await tab.locator('#found li').first().click();
    await at('confirm');
    await touch(/确认/);
    await at('identify');
    await post('/api/present', { name: 'at-kiosk' });
  };
  const fill = async (): Promise<void> => {
    await at('fill');
    await tab.getByLabel(/证件编号/).click();
    for (const letter of 'WANG') await key(letter);
    await key('王');
    t.equal(await tab.getByLabel(/证件编号/).inputValue(), '王', 'Chinese by the keys of the screen');
    await tab.getByText('遗失').click();
    await tab.getByLabel(/联系电话/).fill('13000000000');
    await tab.getByText('邮寄送达').click();
    await touch(/下一步/);
    await at('confirm');
    t.match(await tab.textContent('.lines'), /王.*遗失.*13000000000.*邮寄送达/s);
    await touch(/确认/);
    await at('show');
  };
  const store = await openCountyStore(join(folder, 'county'));
  t.teardown(() => store.close());
  const ankang = (...args: readonly string[]) =>
    spawnSync(process.execPath, [PROGRAM, 'county', ...args, '-c', join(folder, 'county')], { encoding: 'utf8' });
  let number = '';

  await t.test('an application: papers from the library by consent, a case number and its code; the county has one case', async (t) => {
    await toForm();
    await at('confirm');
    t.match(await tab.textContent('#desks'), /电子证照库.*演示 \*{4}\d{5}/s);
    t.same(await tab.evaluate(FOUND), []);
    await touch(/确认/);
    await at('fill');
    t.same(await tab.evaluate(FOUND), []);
    await fill();
    const said = (await tab.textContent('#desks')) ?? '';
    t.match(said, /已提交/);
    number = /\d{6}-\d{6}-\d{5}/.exec(said)?.[0] ?? '';
    t.match(await tab.getAttribute('.picture', 'src'), /^data:image\/svg/);
    t.same(await tab.evaluate(FOUND), []);
    await touch(/好的/);
    await at('menu');
    t.match(await store.cases({ limit: 9 }), [{ number, state: 'submitted', name: { zh: '居民身份证补办' } }]);
    const told = (await store.audit(9)).find(({ kind }) => kind === 'released');
    t.match(
      told,
      { terminal: 'DEMO-1', facts: { item: '000109001003', licences: ['id-card'], carrier: 'signed' } },
      'what the library told is recorded',
    );
  });

  await t.test('an official returns it, and the person reads why by their own code', async (t) => {
    t.match(ankang('case', 'return', number, '--note', '缺照片'), { status: 0, stdout: /returned/ });
    t.match(ankang('case', 'show', number, '--purpose', 'test of a case'), { stdout: /"联系电话":"13000000000"/ });
    await touch(/政务服务/);
    await at('choose');
    await touch(/查办件进度/);
    await tab.waitForSelector('text=出示本人的码');
    await touch(/出示本人的码/);
    await at('identify');
    await post('/api/present', { name: 'at-kiosk' });
    await at('show');
    t.match(await tab.textContent('#desks'), new RegExp(`${number}.*需要补正.*缺照片`, 's'));
    await touch(/好的/);
    await at('menu');
  });

  await t.test('with the broker away it is kept and says so; it becomes a case when it is back, once', async (t) => {
    await post('/api/switch', { name: 'broker', on: true });
    await toForm();
    await at('show');
    t.match(await tab.textContent('#desks'), /联系不上证照库/);
    await touch(/好的/);
    await fill();
    t.match(await tab.textContent('#desks'), /已保存，联网后上报/);
    t.notOk(await tab.$('.picture'));
    await touch(/好的/);
    await post('/api/switch', { name: 'broker', on: false });
    while ((await store.recorded({ kind: 'affair' })).length < 2) await sleep(50);
    t.equal(ankang('case', 'list').stdout.trim().split('\n').length, 2);
    t.equal(ankang('case', 'list').stdout.trim().split('\n').length, 2);
  });
  t.same(faults, [], 'no fault in the page');
});
