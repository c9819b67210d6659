/**
 * How trust changes (wire.md 3): a manifest is offered and believed or rejected, its files are brought beside the old ones, all is
 * swapped at once. The old set stays in force until then; no verification waits for any of this.
 *   offer ─root, region, seq→ goal ─folder, delta, parts→ whole ─journal's pointer→ in force ─→ listeners
 */
import type { Instant, Log, Trust } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import type { Opener } from '../crypto/seal.js';
import type { Verifier } from '../crypto/verifier.js';
import type { RootError } from '../messages/by-root.js';
import type { Secrets } from '../messages/secrets.js';
import { assemble, dataOf, type Holdings, keyedLists, type Missing, NOTHING, neededSecrets } from './assemble.js';
import { deltaName, type Fetch, fileName } from './fetch.js';
import { gently } from './gently.js';
import type { Keep } from './keep.js';
import { type Opened, openManifestSteps } from './load.js';
import { type Pointer, pinned, type SignedFile, writePointer, wrongSeq } from './pointer.js';
import { Rounds } from './rounds.js';
import { type SecretsRejection, SecretsShelf, secretsName } from './secrets-shelf.js';
import { snapshot } from './snapshot.js';
import type { TrustFolder } from './store.js';

/** What was offered and not taken; `forked`: another content under a number we know. */
export type Rejection = RootError | 'unreadable' | 'other-region' | 'rolled-back' | 'forked' | SecretsRejection;

/** `known`: the same or an older one than what is being fetched; nothing to do and nothing wrong. */
export type Offered = { readonly taken: 'new' | 'known' } | { readonly rejected: Rejection };

export interface UpdateParts {
  readonly region: string;
  readonly terminal: string;
  /** Pinned at enrolment: the point of the root, and the least `seq` it may come with. */
  readonly root: Uint8Array;
  readonly leastSeq: number;
  readonly folder: TrustFolder;
  readonly keep: Keep;
  readonly fetch: Fetch;
  /** Of the key that secrets are sealed to; absent: this terminal is given none. */
  readonly opener?: Opener;
  readonly verifier: Verifier;
  /** A floor that is to be lowered throws when it cannot be journaled; then the manifest waits. */
  readonly clock: { issued(at: Instant): boolean; lowerFloor(to: Instant, by: 'root'): void };
  readonly log: Log;
  /** First pause after a fetch that did not come to its end; doubled up to twenty times. */
  readonly retryMs?: number;
}

export interface Updates {
  current(): Trust | undefined;
  /** Region and site keys; the newest taken. */
  secrets(): Secrets | undefined;
  /** A manifest from the uplink, believed only here. */
  offer(cose: Uint8Array): Promise<Offered>;
  offerSecrets(cose: Uint8Array): Promise<Offered>;
  /** The uplink is back: what was missing may be there now. */
  retry(): void;
  onTrust(listener: (trust: Trust) => void): void;
  /** How often what was rejected, by its word; also what files failed by. */
  rejected(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

const LARGEST_COSE = 65_536;
const RETRY = 30_000;

interface Goal extends Opened {
  readonly file: SignedFile;
  readonly cose: Uint8Array;
}

/** The set of the folder is in force when this resolves, if it is whole; otherwise it is being brought. */
export async function openUpdates(parts: UpdateParts): Promise<Updates> {
  const updates = new TrustUpdates(parts);
  await updates.restore();
  return updates;
}

class TrustUpdates implements Updates {
  readonly #parts: UpdateParts;
  readonly #counts: Record<string, number> = {};
  readonly #listeners: ((trust: Trust) => void)[] = [];
  #pointer: Pointer;
  readonly #shelf: SecretsShelf;
  #holdings: Holdings = NOTHING;
  #inForce: Goal | undefined;
  #trust: Trust | undefined;
  #goal: Goal | undefined;
  readonly #rounds: Rounds;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: UpdateParts) {
    this.#parts = parts;
    this.#pointer = pinned(parts.keep, parts, (field) => parts.log.error('trust-pointer-damaged', { field }));
    this.#shelf = new SecretsShelf(parts);
    this.#rounds = new Rounds(parts.retryMs ?? RETRY, async () => {
      await this.#attempt(parts.fetch);
      await this.#sweep();
      return this.#goal !== undefined;
    });
  }

  current(): Trust | undefined {
    return this.#trust;
  }

  secrets(): Secrets | undefined {
    return this.#shelf.secrets[0];
  }

  onTrust(listener: (trust: Trust) => void): void {
    this.#listeners.push(listener);
  }

  rejected(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  retry(): void {
    this.#rounds.stir();
  }

  offer(cose: Uint8Array): Promise<Offered> {
    return this.#inTurn(() => this.#judge(cose));
  }

  offerSecrets(cose: Uint8Array): Promise<Offered> {
    return this.#inTurn(() => this.#judgeSecrets(cose));
  }

  async close(): Promise<void> {
    await Promise.all([this.#rounds.close(), this.#turn]);
  }

  /** What the folder and the journal's pointer agree on. */
  async restore(): Promise<void> {
    await this.#shelf.restore(this.#pointer.secrets);
    const file = this.#pointer.manifest;
    const cose = file && (await this.#parts.folder.read(manifestName(file.seq), LARGEST_COSE));
    const opened = file && cose && (await gently(openManifestSteps(cose, [file.root])));
    if (file && cose && opened && !('error' in opened) && sameBytes(opened.digest, file.sm3)) {
      this.#goal = { ...opened, file, cose };
      await this.#attempt(() => Promise.resolve(undefined));
    } else if (file) {
      this.#parts.log.error('trust-lost', { seq: file.seq });
    }
    if (this.#goal) this.#rounds.stir();
  }

  // ── what is offered ───────────────────────────────────────────────────────────────────────────────────────────────

  async #judge(cose: Uint8Array): Promise<Offered> {
    const last = this.#goal ?? this.#inForce;
    if (last && sameBytes(last.cose, cose)) return { taken: 'known' };
    const opened = await gently(openManifestSteps(cose, this.#pointer.roots));
    if ('error' in opened) return this.#reject(opened.error, opened.field === undefined ? {} : { field: opened.field });
    const { seq, region, issued } = opened.manifest;
    if (region !== this.#parts.region) return this.#reject('other-region', { region });
    const wrong = wrongSeq(this.#pointer, seq, opened.digest);
    if (wrong) return this.#reject(wrong, { seq });
    if (last && seq <= last.manifest.seq) {
      const forked = seq === last.manifest.seq && !sameBytes(opened.digest, last.digest);
      return forked ? this.#reject('forked', { seq }) : { taken: 'known' };
    }
    this.#parts.clock.issued(issued);
    this.#goal = { ...opened, file: { seq, sm3: opened.digest, root: opened.root }, cose };
    this.retry();
    return { taken: 'new' };
  }

  async #judgeSecrets(bytes: Uint8Array): Promise<Offered> {
    const read = this.#shelf.read(bytes, this.#pointer.secrets[0], this.#pointer.roots);
    if ('rejected' in read) return this.#reject(read.rejected, { what: 'secrets' });
    if (!('held' in read)) return read;
    await this.#shelf.write(read.held, bytes);
    this.#point({ ...this.#pointer, secrets: this.#shelf.filesWith(read.held) });
    this.#shelf.put(read.held);
    this.#goal ??= this.#inForce;
    this.retry();
    return { taken: 'new' };
  }

  #reject(rejected: Rejection, facts: Readonly<Record<string, unknown>>): Offered {
    this.#count(rejected);
    this.#parts.log.warn('trust-rejected', { reason: rejected, ...facts });
    return { rejected };
  }

  #count(word: string): void {
    this.#counts[word] = (this.#counts[word] ?? 0) + 1;
  }

  // ── from goal to force ────────────────────────────────────────────────────────────────────────────────────────────

  async #attempt(fetch: Fetch): Promise<void> {
    const goal = this.#goal;
    if (!goal) return;
    try {
      if (this.#isUnpinned(goal)) this.#drop(goal, 'stranger');
      else await this.#bring(goal, fetch);
    } catch (error) {
      this.#count('failed');
      this.#parts.log.error('trust-update-failed', { seq: goal.manifest.seq, reason: String(error) });
    }
  }

  /** A newer set under a root that was taken out while it was being fetched. */
  #isUnpinned(goal: Goal): boolean {
    const known = this.#pointer.manifest?.seq === goal.manifest.seq;
    return !known && !this.#pointer.roots.some((root) => sameBytes(root, goal.root));
  }

  async #bring(goal: Goal, fetch: Fetch): Promise<void> {
    const { folder, log } = this.#parts;
    const assembled = await assemble({
      manifest: goal.manifest,
      inForce: this.#holdings,
      secrets: this.#shelf.secrets,
      on: {
        folder,
        fetch,
        wanted: () => this.#goal === goal && !this.#rounds.closed,
        deltaFailed: (datum, why) => {
          this.#count('delta-failed');
          log.warn('trust-delta-failed', { name: datum.name, version: datum.version, why });
        },
      },
    });
    if ('missing' in assembled) return this.#lacking(goal, assembled.missing, assembled.of);
    await folder.write(manifestName(goal.manifest.seq), goal.cose);
    await this.#inTurn(() => this.#putInForce(goal, assembled.holdings));
  }

  #lacking(goal: Goal, missing: Missing, name: string): void {
    if (missing === 'superseded') return;
    this.#count(missing);
    this.#parts.log.warn('trust-incomplete', { seq: goal.manifest.seq, name, missing });
    // The signed manifest itself names something that can never be used: only another manifest helps.
    if (missing === 'not-ascending' || missing === 'not-cbor') this.#drop(goal, missing);
  }

  #drop(goal: Goal, why: string): void {
    this.#parts.log.error('trust-dropped', { seq: goal.manifest.seq, why });
    if (this.#goal === goal) this.#goal = undefined;
  }

  #putInForce(goal: Goal, holdings: Holdings): void {
    if (this.#goal !== goal) return;
    const { clock, verifier, log } = this.#parts;
    const { manifest, file } = goal;
    const isNew = this.#pointer.manifest?.seq !== manifest.seq;
    if (isNew && manifest.floor !== undefined) {
      clock.lowerFloor(manifest.floor, 'root');
      clock.issued(manifest.issued);
    }
    const needed = this.#shelf.needed(neededSecrets(manifest, this.#shelf.secrets));
    const roots = isNew ? [...(manifest.roots ?? this.#pointer.roots)] : this.#pointer.roots;
    this.#point({ ...this.#pointer, roots, manifest: file, secrets: needed.map((held) => held.file) });
    this.#shelf.keepOnly(needed);
    this.#holdings = holdings;
    this.#inForce = goal;
    this.#goal = undefined;
    this.#trust = snapshot({ manifest, lists: keyedLists(holdings), data: dataOf(holdings), verifier });
    log.info('trust-in-force', { seq: manifest.seq, lists: manifest.lists.length, readable: keyedLists(holdings).size });
    for (const listener of this.#listeners) listener(this.#trust);
  }

  #point(pointer: Pointer): void {
    writePointer(this.#parts.keep, pointer);
    this.#pointer = pointer;
  }

  /** Removes what neither the set in force nor the goal names: only after a swap, and never the old set before. */
  async #sweep(): Promise<void> {
    if (!this.#inForce) return;
    try {
      await this.#inTurn(() => this.#parts.folder.keepOnly(this.#names()));
    } catch (error) {
      this.#parts.log.error('trust-not-swept', { reason: String(error) });
    }
  }

  #names(): ReadonlySet<string> {
    const names = new Set(this.#pointer.secrets.map(({ seq }) => secretsName(seq)));
    if (this.#pointer.manifest) names.add(manifestName(this.#pointer.manifest.seq));
    for (const { manifest } of [this.#inForce, this.#goal].filter((one) => one !== undefined)) {
      for (const datum of [...manifest.lists, ...manifest.data]) names.add(fileName(datum)).add(deltaName(datum));
    }
    return names;
  }

  /** Offers and the swap follow each other; fetching is not in the queue. */
  #inTurn<T>(job: () => T | Promise<T>): Promise<T> {
    const done = this.#turn.then(job);
    this.#turn = done.catch(() => undefined); // the one who asked is told by `done`
    return done;
  }
}

/** Its file in the folder of trust data. */
export const manifestName = (seq: number): string => `manifest-${seq}`;
