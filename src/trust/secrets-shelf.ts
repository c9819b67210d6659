/** The secrets a terminal holds, newest first: the last ones, and older ones while lists in force need their keys. */
import type { Log } from '../contracts.js';
import { sameBytes } from '../crypto/cbor.js';
import type { Opener } from '../crypto/seal.js';
import { sm3 } from '../crypto/sm3.js';
import { openSecrets, type Secrets, type SecretsResult } from '../messages/secrets.js';
import type { SignedFile } from './pointer.js';
import type { TrustFolder } from './store.js';

export interface Held {
  readonly secrets: Secrets;
  readonly file: SignedFile;
}

export interface ShelfParts {
  readonly terminal: string;
  readonly opener?: Opener;
  readonly folder: TrustFolder;
  readonly log: Log;
}

type Unopened = Extract<SecretsResult, { error: unknown }>['error'];
export type SecretsRejection = Unopened | 'no-opening-key' | 'secrets-rolled-back' | 'secrets-forked';
export type SecretsRead = { readonly rejected: SecretsRejection } | { readonly taken: 'known' } | { readonly held: Held };

const LARGEST = 65_536;
const MOST = 64;

export const secretsName = (seq: number): string => `secrets-${seq}`;

export class SecretsShelf {
  readonly #parts: ShelfParts;
  #held: readonly Held[] = [];

  constructor(parts: ShelfParts) {
    this.#parts = parts;
  }

  /** Newest first. */
  get secrets(): readonly Secrets[] {
    return this.#held.map(({ secrets }) => secrets);
  }

  /** What the pointer names and the folder still has. */
  async restore(files: readonly SignedFile[]): Promise<void> {
    const { opener, terminal, folder, log } = this.#parts;
    for (const file of files) {
      const bytes = await folder.read(secretsName(file.seq), LARGEST);
      const isWhole = bytes !== undefined && sameBytes(sm3(bytes), file.sm3);
      const opened = isWhole && opener ? openSecrets({ bytes, terminal, roots: [file.root], opener }) : undefined;
      if (opened && 'secrets' in opened) this.#held = [...this.#held, { secrets: opened.secrets, file }];
      else log.error('secrets-lost', { seq: file.seq, reason: opened ? opened.error : opener ? 'not-there' : 'no-opening-key' });
    }
  }

  /** What was offered, judged and not yet taken. `last`: the newest the journal knows of, also when its file is lost. */
  read(bytes: Uint8Array, last: SignedFile | undefined, roots: readonly Uint8Array[]): SecretsRead {
    const { opener, terminal } = this.#parts;
    if (!opener) return { rejected: 'no-opening-key' };
    const digest = sm3(bytes);
    const same = last !== undefined && sameBytes(last.sm3, digest);
    if (same && this.#held[0]?.file.seq === last.seq) return { taken: 'known' };
    const opened = openSecrets({ bytes, terminal, roots, opener });
    if ('error' in opened) return { rejected: opened.error };
    const { seq } = opened.secrets;
    if (last && seq < last.seq) return { rejected: 'secrets-rolled-back' };
    if (last && seq === last.seq && !same) return { rejected: 'secrets-forked' };
    return { held: { secrets: opened.secrets, file: { seq, sm3: digest, root: opened.root } } };
  }

  write({ file }: Held, bytes: Uint8Array): Promise<void> {
    return this.#parts.folder.write(secretsName(file.seq), bytes);
  }

  /** What the pointer is to name before `put`. */
  filesWith(held: Held): SignedFile[] {
    return this.#with(held).map(({ file }) => file);
  }

  put(held: Held): void {
    this.#held = this.#with(held);
  }

  needed(secrets: readonly Secrets[]): readonly Held[] {
    return this.#held.filter((held) => secrets.includes(held.secrets));
  }

  keepOnly(held: readonly Held[]): void {
    this.#held = held;
  }

  #with(held: Held): readonly Held[] {
    return [held, ...this.#held.filter(({ file }) => file.seq !== held.file.seq)].slice(0, MOST);
  }
}
