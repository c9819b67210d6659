/**
 * The mark of a TEST root: the first byte of its kid is 7E. It is in the key itself, so it cannot be left behind when a
 * folder is copied; a TEST ceremony draws keys until one bears it, a real ceremony draws again when one does. Pure.
 */
const MARK = 0x7e;

/** `kid`: first 8 bytes of SM3(SPKI), wire.md 0. Production mode refuses such a root (wire.md 7). */
export function isTestRoot(kid: Uint8Array): boolean {
  return kid[0] === MARK;
}
