/** The Debian package as a device gets it: built, unpacked far from this folder, and run with nothing but what it carries. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

const ROOT = join(import.meta.dirname, '../..');
const NO_DPKG = spawnSync('dpkg-deb', ['--version']).error ? 'apt-get install dpkg' : false;

t.setTimeout(600_000);

t.test('the package carries all that a terminal needs, and nothing else', { skip: NO_DPKG }, async (t) => {
  // Not within this project: what the package forgot must not be found in our node_modules.
  const folder = mkdtempSync(join(tmpdir(), 'ankang-deb-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const made = spawnSync(process.execPath, [join(ROOT, '.ci/deb.mjs'), '--out', folder, '--compression', 'none'], { encoding: 'utf8' });
  t.equal(made.status, 0, made.stderr);
  const deb = made.stdout.trim();
  const tree = join(folder, 'tree');
  t.equal(spawnSync('dpkg-deb', ['--raw-extract', deb, tree]).status, 0);
  const read = (file: string): string => readFileSync(join(tree, file), 'utf8');
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

  await t.test('dpkg knows it by name, version and kind of machine, and asks before it replaces the configuration', (t) => {
    t.match(deb, new RegExp(`/ankang_${version}_[a-z0-9]+\\.deb$`));
    const { stdout } = spawnSync('dpkg-deb', ['--field', deb, 'Package', 'Version', 'Depends'], { encoding: 'utf8' });
    t.match(stdout, new RegExp(`^Package: ankang\nVersion: ${version}\nDepends: libc6 \\(>= 2\\.\\d+\\), libstdc`));
    t.equal(read('DEBIAN/conffiles'), '/etc/ankang/terminal.yaml\n');
    for (const script of ['postinst', 'prerm', 'postrm']) t.equal(spawnSync('sh', ['-n', join(tree, 'DEBIAN', script)]).status, 0, script);
    t.end();
  });

  await t.test('units, rules, users and the command lie where the system looks, and name what is there', (t) => {
    const unit = read('usr/lib/systemd/system/ankang.service');
    const named = [...unit.matchAll(/(?:=file:|\s)\/(opt\/ankang\/[^\s:]+)/g)].map(([, path]) => path ?? '');
    t.ok(named.length >= 2, named.join(' '));
    for (const path of named) t.ok(existsSync(join(tree, path)), path);
    t.match(unit, /^Environment=.*PATH=\/opt\/ankang\/bin:/m, 'the Node.js of the package comes first');
    const kiosk = read('usr/lib/systemd/system/ankang-kiosk.service');
    t.match(read('usr/lib/sysusers.d/ankang.conf'), `u ${/^User=(.*)$/m.exec(kiosk)?.[1]} `);
    t.ok(existsSync(join(tree, 'usr/lib/udev/rules.d/60-ankang.rules')));
    t.equal(readlinkSync(join(tree, 'usr/bin/ankang')), '../../opt/ankang/bin/ankang');
    t.end();
  });

  await t.test('nothing is in it that only a compiler reads, everybody may read it, and nobody but root may write it', (t) => {
    const entries = readdirSync(join(tree, 'opt'), { recursive: true, withFileTypes: true });
    t.ok(entries.length > 500, `${entries.length} files`);
    const useless = /\.(?:ts|map|gyp|cc?|cpp|h|o|a)$|^(?:test|tests|deps|obj\.target|prebuild-install|typescript|tap)$/;
    t.same(
      entries.map(({ name }) => name).filter((name) => useless.test(name)),
      [],
    );
    const modes = entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mode & 0o777);
    t.same(new Set(modes), new Set([0o755, 0o644]));
    t.end();
  });

  // dirname and readlink are Debian's; no Node.js but the one that was carried.
  const path = join(folder, 'path');
  mkdirSync(path);
  for (const tool of ['dirname', 'readlink']) symlinkSync(`/usr/bin/${tool}`, join(path, tool));
  const environment = { PATH: path, HOME: folder };
  const ankang = (args: readonly string[], input = '') =>
    spawnSync(join(tree, 'usr/bin/ankang'), args, { cwd: folder, env: environment, input, encoding: 'utf8' });

  await t.test('the command works with no other Node.js on the machine', (t) => {
    t.match(ankang(['--help']), { status: 0, stdout: /doctor .*verify /s });
    t.match(ankang(['config', 'check', join(tree, 'etc/ankang/terminal.yaml')]), { status: 0, stderr: '' });
    const county = join(folder, 'county');
    const manifest = join(folder, 'manifest');
    t.equal(ankang(['county', 'init', '-c', county]).status, 0);
    t.equal(ankang(['county', 'publish', '-c', county, '--out', manifest]).status, 0);
    const codes = ankang(['code', 'resident', '--keys', county]);
    t.equal(codes.status, 0, codes.stderr);
    const asked = ['--trust', manifest, '--root', join(county, 'root.spki'), '--at', String(Math.floor(Date.now() / 1000))];
    const verified = ankang(['verify', ...asked], `${codes.stdout.trim()}\nAK1:NONSENSE\n`);
    t.equal(verified.status, 0, verified.stderr);
    t.match(
      verified.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
      [{ admit: true }, { admit: false, refusal: 'unreadable' }],
    );
    t.end();
  });

  await t.test('every native package is there and loads', async (t) => {
    const { KEPT, NATIVE_PARTS } = (await import(join(ROOT, '.ci/kept.mjs'))) as Record<'KEPT' | 'NATIVE_PARTS', readonly string[]>;
    const wanted = [...KEPT, ...NATIVE_PARTS].filter((name) => existsSync(join(ROOT, 'node_modules', name)));
    const main = (name: string): string => (name === 'zxing-wasm' ? `${name}/reader` : name);
    const program = `await import('reflect-metadata'); for (const name of ${JSON.stringify(wanted.map(main))}) await import(name);`;
    const node = join(tree, 'opt/ankang/bin/node');
    const loaded = spawnSync(node, ['--input-type=module', '--eval', program], {
      cwd: join(tree, 'opt/ankang'),
      env: environment,
      encoding: 'utf8',
    });
    t.match(loaded, { status: 0, stderr: '' });
  });

  await t.test('the demo runs from it: broker, county, terminal and page', async (t) => {
    const child = spawn(join(tree, 'usr/bin/ankang'), ['demo', '--port', '0'], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    let said = '';
    while (!said.includes('Ctrl-C')) said += String((await once(child.stdout, 'data'))[0]);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
    t.match(await (await fetch(`${url}/demo`)).text(), /id="hand"/);
    const { presentations } = (await (await fetch(`${url}/api/hand`)).json()) as { presentations: readonly { picture?: string }[] };
    t.ok(
      presentations.some(({ picture }) => picture?.startsWith('data:image/')),
      'with its codes drawn',
    );
    child.kill('SIGTERM');
    t.same(await once(child, 'exit'), [0, null]);
  });
});
