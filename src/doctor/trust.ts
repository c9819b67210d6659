/** The trust data that would be in force: signed by a root of ours, of our region, and how old. Reads the state folder, changes nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../contracts.js';
import { pointOfSpki } from '../crypto/sm2.js';
import { inspectJournal } from '../journal/inspect.js';
import type { Manifest } from '../messages/manifest.js';
import { atOnce } from '../messages/steps.js';
import { openManifestSteps } from '../trust/load.js';
import { type Pointer, pinned } from '../trust/pointer.js';
import { manifestName } from '../trust/update.js';
import { type Check, found, type Outcome, type Patient, reasonOf, right, skipped } from './check.js';

const DAY = 86_400_000;

export const trust: Check = {
  title: { zh: '信任清单', en: 'trust' },
  look(patient, { clocks }) {
    const root = rootOf(patient);
    if (!root) return [skipped('根公钥不可用，见“密钥”', 'the root cannot be used, see “keys”')];
    try {
      const opened = inForce(patient, root);
      return 'state' in opened ? [opened] : ages(opened, patient, clocks.wall());
    } catch (error) {
      return [found('trust-foreign', reasonOf(error))];
    }
  },
};

function rootOf({ configuration, resolve }: Patient): Uint8Array | undefined {
  try {
    return pointOfSpki(readFileSync(resolve(configuration.keys.root)));
  } catch {
    return undefined; // said by the check of keys
  }
}

/** The journal says which manifest is in force, and by whose roots. */
function inForce({ configuration, resolve }: Patient, root: Uint8Array): Manifest | Outcome {
  const { terminal } = configuration;
  const state = resolve(terminal.state);
  const { manifest, roots } = pointerIn(join(state, 'journal.db'), root);
  const file = join(state, 'trust', manifest ? manifestName(manifest.seq) : 'manifest');
  if (!manifest || !existsSync(file)) return found('trust-absent', file);
  const opened = atOnce(openManifestSteps(readFileSync(file), roots));
  if ('error' in opened) return found('trust-foreign', `${file}: ${opened.error}`);
  const { region } = opened.manifest;
  return region === terminal.region ? opened.manifest : found('trust-foreign', `${file}: ${region}, not ${terminal.region}`);
}

function pointerIn(journal: string, root: Uint8Array): Pick<Pointer, 'manifest' | 'roots'> {
  if (!existsSync(journal)) return { roots: [root] };
  const inspection = inspectJournal(journal);
  try {
    const keep = { kept: (name: string) => inspection.kept(name)?.toString(), keep: () => undefined };
    return pinned(keep, { root, leastSeq: 0 }, (field) => {
      throw new Error(`${journal}: ${field}`);
    });
  } finally {
    inspection.close();
  }
}

function ages(manifest: Manifest, { configuration }: Patient, now: Instant): readonly Outcome[] {
  const { seq, issued, expires } = manifest;
  const until = `seq ${seq}, ${new Date(issued).toISOString()} … ${new Date(expires).toISOString()}`;
  if (now >= expires) return [found('trust-expired', until)];
  const scenes = new Set(
    configuration.stations.flatMap(({ scene, scenes = [] }) => [
      ...(scene === undefined ? [] : [scene]),
      ...scenes.map((one) => one.scene),
    ]),
  );
  const old = [...scenes].flatMap((scene) => tooOld(scene, manifest, now));
  if (now >= expires - DAY) return [found('trust-ends-soon', until), ...old];
  return old.length > 0 ? old : [right(until)];
}

/** wire.md 3 `rule`: ages in seconds. */
function tooOld(scene: string, { rules, issued, lists }: Manifest, now: Instant): readonly Outcome[] {
  const { maxAgeKeys = Number.POSITIVE_INFINITY, maxAgeLists = Number.POSITIVE_INFINITY } = rules[scene] ?? {};
  const age = (since: Instant): number => Math.round((now - since) / 1000);
  const asOf = lists.reduce((oldest, list) => Math.min(oldest, list.asOf), issued);
  return [
    ...(age(issued) > maxAgeKeys ? [found('trust-old', `${scene}: keys ${age(issued)} s > ${maxAgeKeys} s`)] : []),
    ...(age(asOf) > maxAgeLists ? [found('trust-old', `${scene}: lists ${age(asOf)} s > ${maxAgeLists} s`)] : []),
  ];
}
