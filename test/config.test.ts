/** Every sample of config/: it loads as it stands, its names and paths are as installed, and each field that is wrong is refused by its name and place. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Document, isCollection, isMap, isPair, isScalar, parse, parseDocument, visit } from 'yaml';
import { loadConfiguration } from '../src/configuration.js';
import { ConfigurationError } from '../src/faults.js';
import { readKeys } from '../src/station/keys.js';
import { loadStation, loadStations } from '../src/station/load.js';

const FOLDER = join(import.meta.dirname, '../../config');
const SAMPLES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

type Path = readonly (string | number)[];

/** What is wrong in the file, but for keys that are not on this machine; nothing: it is right. */
async function faultsOf(file: string): Promise<readonly string[]> {
  const faults: string[] = [];
  try {
    const { configuration, fault } = loadConfiguration(file);
    for (const [i, station] of configuration.stations.entries()) {
      await loadStation(station, ['stations', i], fault).catch((error: unknown) => {
        if (!(error instanceof ConfigurationError)) throw error;
        faults.push(...error.faults);
      });
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    faults.push(...error.faults);
  }
  return faults;
}

/** Every place in the file: of values, and of maps that a field may be added to. */
function placesOf(document: Document): { readonly values: readonly Path[]; readonly maps: readonly Path[] } {
  const values: Path[] = [];
  const maps: Path[] = [];
  visit(document, {
    Node(key, node, ancestors) {
      if (key === 'key') return;
      const path = pathOf(ancestors, node, key);
      if (isScalar(node)) values.push(path);
      if (isMap(node)) maps.push(path);
    },
  });
  return { values, maps };
}

function pathOf(ancestors: readonly unknown[], node: unknown, key: unknown): Path {
  const path: (string | number)[] = [];
  for (const [i, ancestor] of ancestors.entries()) {
    const child = ancestors[i + 1] ?? node;
    if (isPair(ancestor)) path.push(String((ancestor.key as { value: unknown }).value));
    else if (isCollection(ancestor) && !isMap(ancestor))
      path.push(i === ancestors.length - 1 ? Number(key) : ancestor.items.indexOf(child));
  }
  return path;
}

const fieldOf = (path: Path): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('');

/** Every field of every sample is made wrong and loaded: the longest sample the longest, on a busy machine too. */
t.setTimeout(110_000);

for (const sample of SAMPLES) {
  const text = readFileSync(join(FOLDER, sample), 'utf8');

  t.test(`${sample} loads as it stands`, async (t) => {
    t.same(await faultsOf(join(FOLDER, sample)), []);
    t.match(text, /^# .*\p{Script=Han}/u, 'it says in Chinese what it is for');
    t.match(text, /^#.*[A-Za-z]{3,} [a-z]{2,}/m, 'and in English');
  });

  t.test(`each field of ${sample} that is wrong is refused by its name, where it stands`, async (t) => {
    const folder = t.testdir();
    const file = join(folder, sample);
    const faultsWith = async (
      change: (document: Document) => void,
    ): Promise<{ readonly faults: readonly string[]; readonly lines: readonly string[] }> => {
      const document = parseDocument(text);
      change(document);
      const written = document.toString({ lineWidth: 0 });
      writeFileSync(file, written);
      return { faults: await faultsOf(file), lines: written.split('\n') };
    };
    const { values, maps } = placesOf(parseDocument(text));
    t.ok(values.length > 20 && maps.length > 5);
    for (const path of values) {
      const field = fieldOf(path);
      const { faults, lines } = await faultsWith((document) => document.setIn(path, document.createNode({ wrong: true }, { flow: true })));
      // Of a field with alternatives, the one that the wrong value comes closest to is named.
      const told = faults.find((fault) => fault.includes(` ${field} `)) ?? faults.find((fault) => fault.includes(` ${field}.wrong `));
      if (!told) {
        t.fail(`${field} is not named: ${faults.join(' | ')}`);
        continue;
      }
      const [, line, column] = /^.*?:(\d+):(\d+) /.exec(told) ?? [];
      t.match(lines[Number(line) - 1]?.slice(Number(column) - 1), /^(\{ ?wrong: true ?\}|true ?\})/, told);
      t.match(told, /\p{Script=Han}.* · .*[a-z]/u, 'in both languages');
      // Text where text belongs, but not that text: the schema's own words.
      const { faults: ofText } = await faultsWith((document) => document.setIn(path, '\u0001?'));
      for (const fault of ofText)
        t.match(fault, /^[^ ]+:\d+:\d+ [^ ]+ [^·]*\p{Script=Han}[^·]* · [^·\p{Script=Han}]*[a-z][^·\p{Script=Han}]*$/u, 'once in each');
    }
    for (const path of maps) {
      const field = fieldOf([...path, 'no-such-field']);
      const { faults } = await faultsWith((document) =>
        path.length === 0 ? document.set('no-such-field', 1) : document.setIn([...path, 'no-such-field'], 1),
      );
      t.ok(
        faults.some((fault) => fault.includes(` ${field} `)),
        `${field}: ${faults.join(' | ')}`,
      );
    }
  });
}

function faultsIn(look: () => unknown): readonly string[] {
  try {
    look();
    return [];
  } catch (error) {
    return error instanceof ConfigurationError ? error.faults : [];
  }
}

t.test('the samples name what an installed terminal has: /etc/ankang, /var/lib/ankang, devices by their own names', async (t) => {
  for (const sample of SAMPLES.filter((name) => name !== 'demo.yaml')) {
    const text = readFileSync(join(FOLDER, sample), 'utf8');
    const paths = text.match(/(?<=[ '"])\/[a-z][^\s,}'"]*/g) ?? [];
    t.ok(paths.length > (sample === 'enrolled.yaml' ? 1 : 4), sample);
    for (const path of paths)
      t.match(
        path,
        /^\/(etc\/ankang|var\/lib\/ankang|run\/credentials\/ankang\.service|dev\/serial\/by-id|dev\/v4l\/by-id)\b/,
        `${sample}: ${path}`,
      );
    const { terminal } = parse(text) as { terminal: { mode?: string } };
    t.not(terminal.mode, 'test', `${sample} is for real use`);
  }
});

t.test('all that is wrong is told at once, stations and keys each', async (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'keys'));
  const document = parseDocument(readFileSync(join(FOLDER, 'building.yaml'), 'utf8'));
  document.setIn(['stations', 0, 'settings', 'limit'], -1);
  document.setIn(['stations', 0, 'devices', 0, 'address', 'baudRate'], 'fast');
  document.setIn(['stations', 0, 'devices', 2, 'settings', 'fails'], 'softly');
  const file = join(folder, 'terminal.yaml');
  writeFileSync(file, document.toString());
  const faults = await faultsOf(file);
  for (const field of ['stations[0].settings.limit', 'stations[0].devices[0].address.baudRate', 'stations[0].devices[2].settings.fails']) {
    t.ok(
      faults.some((fault) => fault.includes(` ${field} `)),
      field,
    );
  }
  writeFileSync(file, readFileSync(join(FOLDER, 'building.yaml')));
  const loaded = loadConfiguration(file);
  await loadStations(loaded);
  const keys = faultsIn(() => readKeys(loaded));
  for (const field of ['keys.root', 'keys.sign', 'keys.open', 'uplink.ca', 'uplink.cert', 'uplink.key'])
    t.ok(
      keys.some((fault) => fault.includes(` ${field} `)),
      field,
    );
});

t.test('`run --check` and `config check` agree: 2, and in words whether the form is wrong or only the keys are not there', (t) => {
  const folder = t.testdir({
    keys: readFileSync(join(FOLDER, 'clinic.yaml'), 'utf8').replaceAll(/\/(etc|run)\//g, '/nowhere/'),
    form: 'terminal: 1',
  });
  const said = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, '../src/cli/ankang.js'), ...args], { encoding: 'utf8' });
  const cases = { keys: /格式无误.* · the form of the configuration is right/, form: /:1:11 terminal /, '': /无法读取配置 · .*EISDIR/ };
  for (const [name, words] of Object.entries(cases)) {
    const file = join(folder, name);
    const found = [said('run', '--check', '--config', file), said('config', 'check', file)];
    for (const { status, stderr } of found) {
      t.equal(status, 2, stderr);
      t.match(stderr, words);
      t.notMatch(stderr, /\n\s+at /, 'no stack');
    }
  }
  const awaited = said('config', 'check', join(FOLDER, 'enrolled.yaml'));
  t.match(
    awaited,
    { status: 0, stdout: /配置无误.*\n本机等待登记：.* · this box waits to be enrolled/ },
    'a box before its ticket has no keys yet',
  );
  const { status, stderr } = said('run', '--config', join(folder, 'keys'), '--log-level', 'foo');
  t.equal(status, 2);
  t.match(stderr, /须为其一 · must be one of: info, warn, error/);
  t.end();
});
