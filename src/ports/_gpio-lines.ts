/** The lines of one granted GPIO request: values in and out, edges as the kernel queued them, and their giving back. */
import { closeSync, readSync } from 'node:fs';
import type { Lines, LinkLost } from '../contracts.js';
import { closing, reasonOf } from './_closing.js';
import { ioctl } from './_gpio-chip.js';
import { bitsOf, EDGE_BUFFER, EDGE_SIZE, edgesOf, FLAG, IOCTL, lineValues, type RawEdge, type WantedLine } from './_gpio-uapi.js';
import { type Watch, watch } from './_poll.js';

/** A line and what the configuration calls it. */
export interface NamedLine {
  readonly as: string;
  readonly line: WantedLine;
}

/** Takes over the descriptor of a request, `lines` in its order; one that makes no link gives its lines back at once. */
export function requestedLines(fd: number, lines: readonly NamedLine[]): Lines {
  try {
    return new RequestedLines(fd, lines);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class RequestedLines implements Lines {
  readonly kind = 'lines';
  readonly closed: Promise<LinkLost | undefined>;
  readonly #fd: number;
  readonly #lines: readonly NamedLine[];
  readonly #end = closing();
  readonly #listeners: Parameters<Lines['onEdge']>[0][] = [];
  readonly #last = new Map<string, boolean>();
  readonly #watch: Watch;
  #sequence = 0;
  #releasing: Promise<void> | undefined;

  constructor(fd: number, lines: readonly NamedLine[]) {
    this.#fd = fd;
    this.#lines = lines;
    this.closed = this.#end.closed;
    for (const { as } of this.#inputs()) this.#last.set(as, this.get(as));
    this.#watch = watch(
      fd,
      () => this.#ready(),
      (reason) => void this.#release({ reason }),
    );
  }

  get(name: string): boolean {
    const bit = this.#bitOf(name);
    const values = lineValues(0n, bit);
    ioctl(this.#fd, IOCTL.getValues, values);
    return (bitsOf(values) & bit) !== 0n;
  }

  /** All of them in one call: what falls and what rises changes together. */
  set(values: Readonly<Record<string, boolean>>): void {
    let [bits, mask] = [0n, 0n];
    for (const [name, active] of Object.entries(values)) {
      const bit = this.#bitOf(name);
      mask |= bit;
      if (active) bits |= bit;
    }
    if (mask !== 0n) ioctl(this.#fd, IOCTL.setValues, lineValues(bits, mask));
  }

  onEdge(listener: Parameters<Lines['onEdge']>[0]): void {
    this.#listeners.push(listener);
  }

  close(): Promise<void> {
    return this.#release(undefined);
  }

  #inputs(): readonly NamedLine[] {
    return this.#lines.filter(({ line }) => (line.flags & FLAG.input) !== 0n);
  }

  #bitOf(name: string): bigint {
    const index = this.#lines.findIndex(({ as }) => as === name);
    if (index < 0) throw new Error(`no line is called ${name}`);
    if (this.#end.ended) throw new Error('the lines were given back');
    return 1n << BigInt(index);
  }

  #ready(): void {
    try {
      const buffer = Buffer.alloc(EDGE_BUFFER * EDGE_SIZE);
      const edges = edgesOf(buffer.subarray(0, readSync(this.#fd, buffer)));
      const whole = edges.map((edge) => this.#end.ended || this.#edge(edge)).every(Boolean);
      if (!whole) this.#settle(edges.at(-1)?.at ?? 0);
    } catch (error) {
      void this.#release({ reason: reasonOf(error) });
    }
  }

  /** False: edges before this one are lost, since the kernel's queue had overflowed. */
  #edge({ offset, active, at, sequence }: RawEdge): boolean {
    const whole = sequence === (this.#sequence + 1) >>> 0;
    this.#sequence = sequence;
    const input = this.#inputs().find(({ line }) => line.offset === offset);
    if (input) this.#tell(input.as, active, at);
    return whole;
  }

  /** Where the lines stand now is told, whatever was lost on the way. */
  #settle(at: number): void {
    for (const { as } of this.#inputs()) {
      if (!this.#end.ended && this.get(as) !== this.#last.get(as)) this.#tell(as, !this.#last.get(as), at);
    }
  }

  #tell(name: string, active: boolean, at: number): void {
    this.#last.set(name, active);
    for (const listener of this.#listeners) listener({ name, active, at });
  }

  #release(lost: LinkLost | undefined): Promise<void> {
    this.#releasing ??= this.#giveBack(lost);
    return this.#releasing;
  }

  /** The descriptor is closed after the waiting thread has let go of it: until then the kernel keeps the lines. */
  async #giveBack(lost: LinkLost | undefined): Promise<void> {
    this.#end.end(lost ?? this.#rest());
    await this.#watch.stop();
    closeSync(this.#fd);
  }

  /** What the kernel leaves on a released line differs from chip to chip: so it is left as it was asked for. */
  #rest(): LinkLost | undefined {
    try {
      const outputs = this.#lines.filter(({ line }) => (line.flags & FLAG.output) !== 0n);
      this.set(Object.fromEntries(outputs.map(({ as, line }) => [as, line.value])));
      return undefined;
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }
}
