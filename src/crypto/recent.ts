/** What was worked out lately for some bytes: bounded, the one not asked for longest leaves first. */
export class Recent<T> {
  readonly #most: number;
  readonly #values = new Map<string, { readonly value: T }>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The remembered value, or that of `make`; when `make` throws nothing is remembered. */
  of(bytes: Uint8Array, make: () => T): T {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const known = this.#values.get(name);
    if (known) this.#values.delete(name);
    const held = known ?? { value: make() };
    if (this.#values.size >= this.#most) this.#dropOldest();
    this.#values.set(name, held);
    return held.value;
  }

  #dropOldest(): void {
    for (const name of this.#values.keys()) {
      this.#values.delete(name);
      return;
    }
  }
}
