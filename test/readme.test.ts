/** What README and the documents tell people to do, done: snippets, commands, links; in both languages the same. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command as Commander } from 'commander';
import t from 'tap';
import { parse, stringify } from 'yaml';
import type { Command } from '../src/cli/command.js';
import { loadConfiguration } from '../src/configuration.js';
import { loadStations } from '../src/station/load.js';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const READMES = ['README.md', 'README.zh-CN.md'];
const DOCUMENTS = [...READMES, ...readdirSync(join(ROOT, 'docs')).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : []))];

/** Of `npm run deb`: large, and of no use here. */
const PACKAGES = join(ROOT, 'build/deb');

t.setTimeout(600_000);

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function sections(text: string): readonly Section[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n');
      return { title, lines: lines.filter((line) => line.trim() !== '') };
    });
}

const blocks = (text: string, language = '\\w*'): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block ?? '');

const README = read('README.md');
const SECTIONS = ['Run it', 'Test it', 'Configure it', 'Wire it', 'Add a driver', 'Add a scene'];

t.test('README says it in sections of less than fifteen lines, and both languages show the same', (t) => {
  const found = sections(README);
  for (const title of SECTIONS) {
    const lines = found.find((section) => section.title === title)?.lines;
    t.ok(lines && lines.length < 15, `${title}: ${lines?.length} lines`);
  }
  const [english, chinese] = READMES.map(read);
  t.same(blocks(chinese ?? '', '\\w+'), blocks(english ?? '', '\\w+'));
  const pictures = (text = ''): string[] => [...text.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, file]) => file ?? '');
  t.same(pictures(chinese), pictures(english));
  t.equal(pictures(english).length, 2, 'the page and one lane');
  t.end();
});

t.test('run and test are scripts of the package', (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const file of DOCUMENTS) {
    for (const [, name] of read(file).matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w:-]+)/g))
      t.ok(scripts[name ?? ''], `${file}: ${name}`);
  }
  t.same(blocks(README, 'sh').slice(0, 2), ['npm ci && npm start\n', 'npm ci && npm test\n']);
  t.end();
});

t.test('configure and wire: the snippets are a terminal', async (t) => {
  const [configure = '', wire = ''] = blocks(README, 'yaml');
  const file = join(t.testdir({ 'terminal.yaml': configure }), 'terminal.yaml');
  const checked = spawnSync(process.execPath, [join(ROOT, 'build/src/cli/ankang.js'), 'config', 'check', file], { encoding: 'utf8' });
  t.match(checked, { status: 0, stdout: /配置无误/ });

  const whole = parse(configure) as { stations: { devices: unknown[] }[] };
  whole.stations[0]?.devices.push(...(parse(wire) as unknown[]));
  writeFileSync(file, stringify(whole));
  const [station] = await loadStations(loadConfiguration(file));
  t.same(
    station?.devices.map(({ loaded }) => loaded.role),
    ['scanner', 'gate'],
  );
});

/** As people would play it; README says that it stands under `test/`. */
const SCRIPT = `import { answers, type Scripts, shows } from './_script.js';

export default {
  data: {},
  settings: {},
  scripts: [
    { name: 'a good code', steps: [{ at: 'identify', deed: shows('code') }, { at: 'show', deed: answers(null), reads: /您的码有效/ }], leaves: [] },
    {
      name: 'an old code, then a good one',
      steps: [
        { at: 'identify', deed: shows('expired') },
        { at: 'identify', deed: shows('code'), reads: /这个码已经过期/ },
        { at: 'show', deed: answers(null) },
      ],
      leaves: [],
    },
  ],
} satisfies Scripts;
`;

t.test('a driver and a scene are added as README says, and the suites take them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-readme-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ['src', 'drivers', 'test', 'bench', 'build', 'docs/config.schema.json', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, preserveTimestamps: true, filter: (from) => from !== PACKAGES });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const [scene = ''] = blocks(README, 'ts');
  const driver = blocks(README, 'sh').find((block) => block.includes('_blueprint')) ?? '';
  const name = /`(src\/scenes\/(\w+)\.ts)`/.exec(README);
  writeFileSync(join(folder, name?.[1] ?? ''), scene);
  writeFileSync(join(folder, `test/scripts/${name?.[2]}.ts`), SCRIPT);

  const run = (command: string, environment: Readonly<Record<string, string>> = {}) =>
    // tap hangs itself into every Node.js that a test starts; the compiler does not bear that.
    spawnSync('sh', ['-ec', `unset NODE_OPTIONS\n${command}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...environment },
    });
  const added = run(driver);
  t.equal(added.status, 0, added.status === 0 ? 'a driver' : `${added.stdout.slice(-2000)}${added.stderr}`);
  t.match(added.stdout, /^ok \d+ - my-scanner: ten megabytes of noise .*(?<!SKIP.*)$/m);
  t.match(readFileSync(join(folder, 'docs/config.schema.json'), 'utf8'), /"const": "my-scanner"/);
  const played = run('node build/test/conversations.test.js', { TAP_GREP: `${name?.[2]}:` });
  t.equal(played.status, 0, played.status === 0 ? 'a scene' : played.stdout.slice(-2000));
  t.match(played.stdout, /^ok \d+ - check: Is my code good\? # time/m);
  t.end();
});

// ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────

async function program(): Promise<Commander> {
  const all = new Commander('ankang');
  const folder = join(ROOT, 'build/src/cli');
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.js') || file.startsWith('_') || ['ankang.js', 'command.js'].includes(file)) continue;
    const { default: command } = (await import(join(folder, file))) as { default: Command };
    command.configure(all.command(file.slice(0, -3)));
  }
  return all;
}

/** Every `ankang …` that stands as code in a document, a backslash at the end of a line joined with the next. */
function commandsIn(text: string): readonly string[] {
  const code = [...blocks(text, '(?:sh)?').flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')), ...inline(text)];
  return code.flatMap((line) => {
    const [, call] = /^(?:sudo )?(?:node \S*ankang\.js|ankang) (.*)$/.exec(line.trim()) ?? [];
    // `COMMAND` stands for any.
    return call === undefined || !/^[a-z]/.test(call) ? [] : [call.replace(/\s+#.*$/, '')];
  });
}
const inline = (text: string): string[] => [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

/** What is wrong with a call; undefined: nothing. */
function faultOf(all: Commander, call: string): string | undefined {
  let at = all;
  const words = call.split(/\s+/).filter((word) => !['', '…'].includes(word));
  const rest: string[] = [];
  for (const [i, word] of words.entries()) {
    if (/^(?:[>|]|2>)/.test(word)) break;
    const named = word.split(/\\?\|/).map((one) => at.commands.find((command) => command.name() === one));
    if (rest.length === 0 && at.commands.length > 0 && !word.startsWith('-')) {
      if (named.includes(undefined)) return `no command ${word}`;
      at = named[0] ?? at;
    } else {
      rest.push(word);
      const known = at.options.some(({ long, short }) => word === long || word === short);
      if (/^--?[a-z]/.test(word) && !known) return `${words.slice(0, i).join(' ')} has no ${word}`;
    }
  }
  return undefined;
}

t.test('every command that a document names is there, with every option', async (t) => {
  const all = await program();
  t.match(faultOf(all, 'county terminal strok X'), /no command/);
  t.match(faultOf(all, 'county terminal strike X --cuonty y'), /has no --cuonty/);
  let seen = 0;
  for (const file of DOCUMENTS) {
    for (const call of commandsIn(read(file))) {
      seen++;
      t.equal(faultOf(all, call), undefined, `${file}: ankang ${call}`);
    }
  }
  t.ok(seen > 40, `${seen} calls`);
});

t.test('the drill for a leaked issuer’s key, as it is written, leaves a county that issues codes by a new one', (t) => {
  const county = join(t.testdir(), 'county');
  const ankang = (call: string) =>
    spawnSync(process.execPath, [join(ROOT, 'build/src/cli/ankang.js'), ...call.split(' ')], { encoding: 'utf8' });
  t.equal(ankang(`county init --county ${county}`).status, 0);
  const before = ankang(`county resident 1 --county ${county}`);
  const drill = commandsIn(read('docs/operation.md')).filter((call) => /^county (?:rotate|revoke) /.test(call));
  t.equal(drill.length, 2);
  for (const call of drill) {
    const done = ankang(call.replace('目录', county).replace('<名 · name>', 'issuer-1'));
    t.equal(done.status, 0, call + done.stderr);
  }
  const after = ankang(`county resident 1 --county ${county}`);
  t.equal(after.status, 0, after.stderr);
  const manifest = join(t.testdirName, 'manifest');
  t.equal(ankang(`county publish --county ${county} --out ${manifest}`).status, 0);
  const codes = [before, after].map(({ stdout }) => (JSON.parse(stdout) as { screen: string }).screen);
  const at = Math.floor(Date.now() / 1000);
  const asked = ['verify', '--trust', manifest, '--root', join(county, 'root.spki'), '--at', String(at)];
  const verified = spawnSync(process.execPath, [join(ROOT, 'build/src/cli/ankang.js'), ...asked], {
    input: codes.map((code) => `${code}\n`).join(''),
    encoding: 'utf8',
  });
  t.match(
    verified.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
    [{ admit: false, refusal: 'forged' }, { admit: true }],
  );
  t.end();
});

t.test('every link and picture of a document leads to a file', (t) => {
  for (const file of DOCUMENTS) {
    for (const [, to] of read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      t.ok(existsSync(join(ROOT, dirname(file), to ?? '')), `${file}: ${to}`);
  }
  t.end();
});

/** What stands between backticks, outside of blocks. */
const named = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name ?? '');

/** What a name of docs/security.md leads to and is not there; undefined: it is, or it is no file, test or script. */
function missing(name: string): string | undefined {
  const [, file = '', title] = /^((?:src|drivers|systemd|test|config|docs|bench)\/[^\s:]+)(?:: (.+))?$/.exec(name) ?? [];
  if (file && !existsSync(join(ROOT, file))) return `no file ${file}`;
  if (title !== undefined && !read(file).includes(`'${title}'`)) return `no test of that title in ${file}`;
  const [, script] = /^npm run (\S+)$/.exec(name) ?? [];
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  return script !== undefined && !(script in scripts) ? `no script ${script}` : undefined;
}

t.test('every file, test and script that docs/security.md names is there', (t) => {
  t.match(missing('src/nowhere.ts'), /no file/);
  t.match(missing('test/readme.test.ts: of another title'), /no test/);
  t.match(missing('npm run nothing'), /no script/);
  const names = named(read('docs/security.md'));
  for (const name of names) t.equal(missing(name), undefined, name);
  t.ok(names.filter((name) => name.startsWith('test/')).length > 30, 'clauses are shown by tests');
  t.ok(names.filter((name) => name.startsWith('src/')).length > 40, 'clauses are met in files');
  t.end();
});
