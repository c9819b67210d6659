/** The architecture as a rule that runs: who may import whom, and which files are pure. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import t from 'tap';

const ROOT = resolve(import.meta.dirname, '../..');

/** Room → rooms it may import from. A room is a folder of src, a file of src, or `drivers`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  admission: ['contracts', 'crypto'],
  identity: [],
  faults: [],
  configuration: ['contracts', 'faults', 'identity', 'overrides', 'stations-schema'],
  'stations-schema': ['formats', 'identity'],
  overrides: ['faults'],
  log: ['contracts'],
  crypto: ['contracts'],
  messages: ['contracts', 'crypto'],
  framing: ['contracts'],
  formats: ['contracts', 'crypto', 'messages'],
  scenes: ['contracts', 'messages'],
  trust: ['contracts', 'crypto', 'messages', 'ports'],
  journal: ['contracts', 'crypto', 'messages'],
  uplink: ['contracts', 'crypto', 'messages', 'journal'],
  site: ['contracts', 'crypto', 'messages'],
  meeting: ['contracts', 'crypto', 'messages', 'page'],
  enrol: ['contracts', 'crypto', 'identity', 'messages'],
  station: ['contracts', 'crypto', 'messages', 'framing', 'admission', 'journal', 'configuration', 'faults', 'meeting'],
  ports: ['contracts'],
  drivers: ['contracts', 'framing'],
  page: ['contracts', 'messages'],
  print: ['contracts', 'framing'],
  platform: ['contracts', 'crypto', 'messages'],
  fleet: ['contracts', 'crypto', 'messages', 'platform'],
  ending: ['contracts'],
  awaiting: ['contracts', 'configuration', 'ending', 'enrol', 'page', 'station'],
  main: [
    'contracts',
    'configuration',
    'ending',
    'enrol',
    'log',
    'crypto',
    'messages',
    'trust',
    'journal',
    'site',
    'meeting',
    'uplink',
    'station',
    'page',
    'print',
    'seen',
    'vitals',
  ],
  seen: ['contracts', 'journal', 'page', 'station'],
  vitals: ['contracts', 'journal', 'page', 'station', 'trust', 'uplink'],
  doctor: ['contracts', 'configuration', 'crypto', 'messages', 'journal', 'trust', 'ports'],
  cli: ['*'],
};

/** Files that must reach no clock, timer, file, `node:` module or native package, directly or through what they import. */
const PURE = [
  /^src\/contracts\.ts$/,
  /^src\/admission\.ts$/,
  /^src\/formats\//,
  /^src\/scenes\//,
  /^src\/framing\//,
  /^src\/station\/passage\.ts$/,
];

const NATIVE: Readonly<Record<string, readonly string[]>> = {
  serialport: ['ports'],
  'node-hid': ['ports'],
  koffi: ['ports'],
  onoff: ['ports'],
  'better-sqlite3': ['journal', 'platform'],
  mqtt: ['uplink', 'platform', 'fleet'],
  pg: ['platform'],
  sharp: ['ports', 'print'],
  'zxing-wasm': ['ports', 'print'],
  aedes: ['platform'],
  'sm-crypto-v2': ['crypto'],
};

const IMPURE_GLOBALS =
  /\b(Date\.now|new Date\(\)|performance\.|process\.|setTimeout|setInterval|setImmediate|Math\.random|Buffer\.|globalThis)/;
const IMPORT = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gms;

interface Source {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly { readonly of: string; readonly typeOnly: boolean }[];
}

function sources(): Map<string, Source> {
  const found = new Map<string, Source>();
  for (const top of ['src', 'drivers']) {
    for (const entry of readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(entry) || entry.includes('assembly')) continue;
      const file = join(top, entry);
      const text = readFileSync(join(ROOT, file), 'utf8');
      const imports = [...text.matchAll(IMPORT)].map((match) => ({ of: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined }));
      found.set(file, { file, text, imports });
    }
  }
  return found;
}

/** The file of the tree that a relative import names, or undefined for a package. */
function target(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return relative(ROOT, resolve(ROOT, dirname(from), specifier))
    .replace(/\.js$/, '.ts')
    .replace(/\.jsx$/, '.tsx');
}

function room(file: string): string {
  const [top, second] = file.split('/');
  return top === 'src' ? (second ?? '').replace(/\.ts$/, '') : (top ?? '');
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

const all = sources();

t.test('every import goes where the table of the architecture allows', (t) => {
  for (const { file, imports } of all.values()) {
    const allowed = MAY_IMPORT[room(file)];
    if (!allowed) {
      t.fail(`${file} is in a room the table does not know`);
      continue;
    }
    for (const { of } of imports) {
      const to = target(file, of);
      if (to === undefined || room(to) === room(file) || allowed.includes('*')) continue;
      t.ok(allowed.includes(room(to)), `${file} imports ${to}`);
    }
  }
  t.end();
});

t.test('the shapes import types only', (t) => {
  for (const { of, typeOnly } of all.get('src/contracts.ts')?.imports ?? []) t.ok(typeOnly, `contracts imports ${of}`);
  t.end();
});

t.test('native packages are opened only at the rims', (t) => {
  for (const { file, imports } of all.values()) {
    for (const { of } of imports) {
      const rooms = NATIVE[packageOf(of)];
      if (rooms) t.ok(rooms.includes(room(file)), `${file} imports ${of}`);
    }
  }
  t.end();
});

t.test('pure parts reach no clock, timer, file or native package, not even through others', (t) => {
  const reasons = new Map<string, string | undefined>();
  const impurity = (file: string): string | undefined => {
    if (reasons.has(file)) return reasons.get(file);
    reasons.set(file, undefined);
    const source = all.get(file);
    const reason = source
      ? (ownImpurity(source) ?? source.imports.flatMap((one) => via(source.file, one)).find(Boolean))
      : `${file} is not there`;
    reasons.set(file, reason);
    return reason;
  };
  const via = (from: string, { of, typeOnly }: { of: string; typeOnly: boolean }): (string | undefined)[] => {
    const to = typeOnly ? undefined : target(from, of);
    return to ? [impurity(to)] : [];
  };
  for (const { file } of all.values()) {
    if (PURE.some((pattern) => pattern.test(file))) t.equal(impurity(file), undefined, `${file} is pure`);
  }
  t.end();
});

function ownImpurity({ file, text, imports }: Source): string | undefined {
  const bad = imports.find(({ of, typeOnly }) => !typeOnly && (of.startsWith('node:') || packageOf(of) in NATIVE));
  if (bad) return `${file} imports ${bad.of}`;
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/(['"`])(?:\\.|(?!\1).)*\1/g, "''");
  const global = IMPURE_GLOBALS.exec(code);
  return global ? `${file} uses ${global[0]}` : undefined;
}

t.test('no import goes in a circle', (t) => {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      t.fail(`circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
      return;
    }
    if (done.has(file)) return;
    done.add(file);
    for (const { of, typeOnly } of all.get(file)?.imports ?? []) {
      const to = typeOnly ? undefined : target(file, of);
      if (to && all.has(to)) walk(to, [...path, file]);
    }
  };
  for (const file of all.keys()) walk(file, []);
  t.ok(done.size > 20, 'the walk saw the tree');
  t.end();
});

t.test('the top level holds what the architecture names and what tools need', (t) => {
  const known = new Set(
    'package.json tsconfig.json README.md README.zh-CN.md src drivers config systemd test docs bench LICENSE CHANGELOG.md package-lock.json biome.json knip.json node_modules build'.split(
      ' ',
    ),
  );
  for (const entry of readdirSync(ROOT)) {
    if (!entry.startsWith('.')) t.ok(known.has(entry), entry);
  }
  t.end();
});

t.test('files stay small enough to be read in one sitting', (t) => {
  for (const { file, text } of all.values())
    if (file !== 'src/contracts.ts') t.ok(text.trimEnd().split('\n').length <= 300, `${file} has at most 300 lines`);
  t.end();
});
