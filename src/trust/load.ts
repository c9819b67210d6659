/** From a signed manifest to trust: the pinned root first, then every field; used by the daemon and by `ankang verify`. */
import type { Trust } from '../contracts.js';
import { pointOfSpki } from '../crypto/sm2.js';
import { sm3 } from '../crypto/sm3.js';
import { opensslVerifier, type Verifier } from '../crypto/verifier.js';
import { openByRoot, type RootError } from '../messages/by-root.js';
import { decodeManifestSteps, type Manifest } from '../messages/manifest.js';
import type { StatusList } from '../messages/status-list.js';
import { atOnce, type Steps } from '../messages/steps.js';
import { snapshot } from './snapshot.js';

/** A manifest whose signature held; `root`: the point that signed it; `digest`: SM3 of what is signed, the same when it is signed again. */
export interface Opened {
  readonly manifest: Manifest;
  readonly root: Uint8Array;
  readonly digest: Uint8Array;
}

export type OpenedResult = Opened | { readonly error: RootError | 'unreadable'; readonly field?: string };

/** `roots`: points of the pinned roots. In steps, because proving the points of many keys takes a while. */
export function* openManifestSteps(cose: Uint8Array, roots: readonly Uint8Array[]): Steps<OpenedResult> {
  const signed = openByRoot(cose, 'ak/trust', roots);
  if ('error' in signed) return signed;
  const decoded = yield* decodeManifestSteps(signed.payload);
  if ('error' in decoded) return { error: 'unreadable', field: decoded.error };
  return { manifest: decoded.manifest, root: signed.root, digest: sm3(signed.payload) };
}

export interface TrustSource {
  /** The COSE object `ak/trust`. */
  readonly manifest: Uint8Array;
  /** SubjectPublicKeyInfo DER of the pinned root. */
  readonly root: Uint8Array;
  /** Lists and data at hand; what is not there is unknown. */
  readonly lists?: ReadonlyMap<string, StatusList>;
  readonly data?: ReadonlyMap<string, unknown>;
  /** Default: OpenSSL. */
  readonly verifier?: Verifier;
}

/** Trust, or in one English line why not. */
export function loadTrust({ manifest, root, lists, data, verifier }: TrustSource): Trust | { readonly error: string } {
  const opened = openWith(manifest, root);
  if ('error' in opened) return opened;
  return snapshot({
    manifest: opened.manifest,
    lists: lists ?? new Map(),
    data: data ?? new Map(),
    verifier: verifier ?? opensslVerifier(),
  });
}

const REASONS: Readonly<Record<RootError | 'unreadable', string>> = {
  malformed: 'the manifest is not a COSE_Sign1 of type ak/trust',
  stranger: 'the manifest is not signed by this root',
  forged: 'the signature of the manifest does not hold',
  unreadable: 'the manifest is signed and cannot be used',
};

/** The manifest itself, for who wants to look at it. `root`: SubjectPublicKeyInfo DER. */
export function openWith(cose: Uint8Array, root: Uint8Array): Opened | { readonly error: string } {
  const point = pointOfSpki(root);
  if (!point) return { error: 'the root is not the SubjectPublicKeyInfo (DER) of an SM2 key' };
  const opened = atOnce(openManifestSteps(cose, [point]));
  if (!('error' in opened)) return opened;
  return { error: opened.field ? `${REASONS[opened.error]}: ${opened.field}` : REASONS[opened.error] };
}
