// npm run deb: ankang_<version>_<architecture>.deb out of build/, with the Node.js that runs this and the native modules, for boxes of this
// machine's kind. `--out FOLDER` (build/deb), `--compression none|gzip|xz`.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KEPT, NATIVE_PARTS } from './kept.mjs';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..');
const { values: options } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'build/deb') }, compression: { type: 'string', default: 'xz' } },
});
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const ARCHITECTURE = { x64: 'amd64', arm64: 'arm64', arm: 'armhf' }[process.arch];
const HOME = 'opt/ankang';

/** Nothing that only a compiler or a reader of the source wants. */
const NOT_RUN = /\.(?:map|[cm]?ts|tsbuildinfo|md|markdown|gyp|gypi|c|cc|cpp|h|hpp|o|a|mk|tar\.gz)$|\/(?:obj|obj\.target|deps|test|tests|example|examples|hidapi|\.github)$|test_extension\.node$/;
const OTHER_PREBUILD = new RegExp(`/prebuilds/(?!(?:HID_|HID_hidraw-|HID-)?linux-${process.arch}$)[^/]+$`);
/** What packages need while npm installs them, and types. */
const BUILD_ONLY = /^(?:prebuild-install|nan|node-addon-api|@types\/.*)$/;
/** Of the documents all but the pictures. */
const PICTURES = /\/docs\/screens$/;

function main() {
  if (process.platform !== 'linux' || !ARCHITECTURE) throw new Error(`no Debian architecture for ${process.platform} ${process.arch}`);
  if (process.config.variables.node_shared) throw new Error('this Node.js stands on a shared libnode and cannot be carried: use one of nodejs.org');
  const tree = mkdtempSync(join(tmpdir(), 'ankang-deb-'));
  try {
    program(tree);
    places(tree);
    control(tree);
    mkdirSync(options.out, { recursive: true });
    const file = resolve(options.out, `ankang_${debianVersion()}_${ARCHITECTURE}.deb`);
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${options.compression}`, '--build', tree, file], { stdio: ['ignore', 'ignore', 'inherit'] });
    process.stdout.write(`${file}\n`);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** `0.2.0-rc.1` is before `0.2.0`. */
const debianVersion = () => version.replace('-', '~');

// ── what runs ───────────────────────────────────────────────────────────────────────────────────────────────────────

function program(tree) {
  const home = join(tree, HOME);
  for (const part of ['build/src', 'build/drivers', 'build/vendor', 'config', 'systemd', 'package.json', 'LICENSE']) copy(part, home);
  // Documents: what the units and the configuration samples point to.
  for (const part of ['docs', 'README.md', 'README.zh-CN.md'])
    cpSync(join(ROOT, part), join(home, part), { recursive: true, preserveTimestamps: true, filter: (from) => !PICTURES.test(from) });
  for (const part of closure([...KEPT, ...NATIVE_PARTS])) copy(part, home);
  mkdirSync(join(home, 'bin'));
  copyFileSync(process.execPath, join(home, 'bin/node'));
  copyFileSync(join(HERE, 'deb/ankang'), join(home, 'bin/ankang'));
}

function copy(part, to) {
  const filter = (from) => !NOT_RUN.test(from) && !OTHER_PREBUILD.test(from);
  cpSync(join(ROOT, part), join(to, part), { recursive: true, preserveTimestamps: true, filter });
}

/** The folders of these packages and of all that they need, as far as they are installed. */
function closure(names) {
  const found = new Set();
  const walk = (name, from) => {
    const folder = folderOf(name, from);
    if (folder === undefined || found.has(folder) || BUILD_ONLY.test(name)) return;
    found.add(folder);
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) walk(needed, folder);
  };
  for (const name of names) walk(name, '');
  // What lies within another one's folder is copied with it.
  return [...found].filter((folder) => ![...found].some((other) => folder.startsWith(`${other}/`)));
}

/** Where Node.js would find it from there: beside, then further out. */
function folderOf(name, from) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at === '.' ? '' : at, 'node_modules', name);
    if (existsSync(join(ROOT, folder, 'package.json'))) return folder;
    if (at === '' || at === '.') return undefined;
  }
}

// ── where the system looks ──────────────────────────────────────────────────────────────────────────────────────────

function places(tree) {
  const put = (from, to) => {
    mkdirSync(dirname(join(tree, to)), { recursive: true });
    cpSync(join(ROOT, from), join(tree, to), { preserveTimestamps: true });
  };
  put('systemd/ankang.service', 'usr/lib/systemd/system/ankang.service');
  put('systemd/ankang-kiosk.service', 'usr/lib/systemd/system/ankang-kiosk.service');
  put('systemd/60-ankang.rules', 'usr/lib/udev/rules.d/60-ankang.rules');
  put('.ci/deb/ankang.sysusers', 'usr/lib/sysusers.d/ankang.conf');
  put('LICENSE', 'usr/share/doc/ankang/copyright');
  put('config/enrolled.yaml', 'etc/ankang/terminal.yaml');
  for (const folder of ['etc/ankang/keys', 'etc/ankang/tls', 'usr/bin']) mkdirSync(join(tree, folder), { recursive: true });
  symlinkSync(`../../${HOME}/bin/ankang`, join(tree, 'usr/bin/ankang'));
}

// ── what dpkg is told ───────────────────────────────────────────────────────────────────────────────────────────────

function control(tree) {
  const files = readdirSync(tree, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    // As everybody may read it, whatever the umask of who builds.
    chmodSync(path, entry.isDirectory() || entry.parentPath.endsWith(`${HOME}/bin`) ? 0o755 : 0o644);
    if (entry.isFile()) bytes += statSync(path).size;
  }
  chmodSync(tree, 0o755);
  mkdirSync(join(tree, 'DEBIAN'));
  const write = (name, text, mode = 0o644) => writeFileSync(join(tree, 'DEBIAN', name), text, { mode });
  write('conffiles', '/etc/ankang/terminal.yaml\n');
  for (const script of ['postinst', 'prerm', 'postrm']) write(script, readFileSync(join(HERE, 'deb', script)), 0o755);
  write('control', `Package: ankang
Version: ${debianVersion()}
Architecture: ${ARCHITECTURE}
Maintainer: Ankang terminal authors <root@localhost>
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${depends(files)}
Suggests: alsa-utils, cage, chromium, curl, ffmpeg
Section: misc
Priority: optional
Description: 安康码终端 · terminal for the Ankang code
 Verifies the code locally, drives the gate, and reports each entry to the county once.
 With its own Node.js ${process.version} and native modules under /${HOME}.
`);
}

const PACKAGES = { 'libstdc++.so.6': 'libstdc++6', 'libudev.so.1': 'libudev1', 'libusb-1.0.so.0': 'libusb-1.0-0', 'libatomic.so.1': 'libatomic1' };

/** The libraries that the binaries name, and the least glibc whose symbols they use. */
function depends(files) {
  const wanted = new Set();
  let least = 28;
  for (const entry of files) {
    if (!/\.node$|\.so(?:\.\d+)*$|^node$/.test(entry.name) || !entry.isFile()) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'latin1');
    for (const [library, name] of Object.entries(PACKAGES)) if (text.includes(`${library}\0`)) wanted.add(name);
    for (const [, minor] of text.matchAll(/GLIBC_2\.(\d+)\0/g)) least = Math.max(least, Number(minor));
  }
  return [`libc6 (>= 2.${least})`, ...[...wanted].sort()].join(', ');
}

main();
