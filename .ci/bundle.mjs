// Puts each third-party JavaScript package that the program imports into one file under build/vendor, and has our compiled modules,
// which stay as they are, name these files. Native packages stay where npm put them. Without this step everything works, only slower:
// a start reads a hundred small files instead of ten.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { KEPT, NATIVE_PARTS } from './kept.mjs';

const VENDOR = 'build/vendor';
const UNBUNDLED = new Set(KEPT);
/** `from 'zod'`, `import('mqtt')`, and what this step made of them before. */
const IMPORT = /(\bfrom\s*|\bimport\s*\(\s*)(['"])((?:\.\.\/)*vendor\/[\w@+.-]+\.js|@?[a-z][\w@/.-]*)\2/g;
/** The messages of the configuration are in these languages. */
const LOCALES = "export { default as en } from './en.js';\nexport { default as zhCN } from './zh-CN.js';\n";

/** mqtt-packet would keep a buffer for each number of two octets: 6 MB. */
const FIRST = { mqtt: "import packet from 'mqtt-packet';\npacket.writeToStream.cacheNumbers = false;\n" };

const nameOf = (specifier) => specifier.replaceAll('/', '__');
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const isBundled = (specifier) => !specifier.startsWith('node:') && !UNBUNDLED.has(packageOf(specifier));

/** 'zod' of `zod` and of `../../vendor/zod.js`; undefined: not to be bundled. */
function specifierOf(text) {
  const made = /vendor\/([\w@+.-]+)\.js$/.exec(text)?.[1]?.replaceAll('__', '/');
  return made ?? (isBundled(text) ? text : undefined);
}

const files = ['build/src', 'build/drivers'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js') && !file.includes('assets/'))
    .map((file) => join(folder, file)),
);
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
const found = [...sources.values()].flatMap((text) => [...text.matchAll(IMPORT)].map((match) => specifierOf(match[3])));
const specifiers = [...new Set(found.filter(Boolean))].sort();

const inputs = [readFileSync('package-lock.json'), readFileSync(import.meta.filename), KEPT.join(), NATIVE_PARTS.join(), specifiers.join()];
const stamp = inputs.reduce((hash, input) => hash.update(input), createHash('sha256')).digest('hex');
if (!existsSync(join(VENDOR, 'stamp')) || readFileSync(join(VENDOR, 'stamp'), 'utf8') !== stamp) await bundle();
for (const [file, text] of sources) point(file, text);

async function bundle() {
  rmSync(VENDOR, { recursive: true, force: true });
  const entries = join(VENDOR, 'entries');
  mkdirSync(entries, { recursive: true });
  for (const specifier of specifiers) {
    // The names that Node itself sees, so that a CommonJS package gives out the same ones.
    const names = Object.keys(await import(specifier)).filter((name) => name !== 'module.exports');
    writeFileSync(join(entries, `${nameOf(specifier)}.mjs`), `${FIRST[specifier] ?? ''}export { ${names.join(', ')} } from '${specifier}';\n`);
  }
  await build({
    entryPoints: specifiers.map((specifier) => ({ in: join(entries, `${nameOf(specifier)}.mjs`), out: nameOf(specifier) })),
    outdir: VENDOR,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    minify: true,
    legalComments: 'linked',
    external: [...KEPT, ...NATIVE_PARTS],
    banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
    plugins: [{ name: 'locales', setup: ({ onLoad }) => onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: LOCALES })) }],
    logLevel: 'warning',
  });
  rmSync(entries, { recursive: true });
  writeFileSync(join(VENDOR, 'stamp'), stamp);
}

function point(file, text) {
  const changed = text.replace(IMPORT, (whole, before, quote, target) => {
    const specifier = specifierOf(target);
    return specifier === undefined ? whole : `${before}${quote}${relative(join(file, '..'), join(VENDOR, `${nameOf(specifier)}.js`))}${quote}`;
  });
  if (changed !== text) writeFileSync(file, changed);
}
