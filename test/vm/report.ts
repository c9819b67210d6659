/** What the tests are given (`Lab`) and how they are counted: one TAP line a check, one line at the end. */
import type { Guest } from './guest.js';

/** One file in suites/. Checks of a suite run in order and may build on one another. */
export interface Suite {
  readonly title: string;
  run(lab: Lab): Promise<void>;
}

export interface Lab {
  /** A guest from the snapshot with the project at /opt/ankang. The one before it, and the last at the end of the suite, is switched off. */
  guest(): Promise<Guest>;
  /** A folder on the host for disks; gone at the end. */
  readonly folder: string;
  /** Counts a failure and goes on: false. A text that the body gives back is printed beside the name. */
  check(name: string, body: () => Promise<string | void>): Promise<boolean>;
  skip(name: string, why: string): void;
}

export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  readonly #started = performance.now();

  async check(name: string, body: () => Promise<string | void>): Promise<boolean> {
    const from = performance.now();
    try {
      const facts = await body();
      this.passed++;
      this.#line(`ok ${this.#number()} - ${name}${facts ? ` (${facts})` : ''}`, from);
      return true;
    } catch (error) {
      this.failed++;
      this.#line(`not ok ${this.#number()} - ${name}`, from);
      console.log(`  ---\n${indent(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n  ...`);
      return false;
    }
  }

  skip(name: string, why: string): void {
    this.skipped++;
    console.log(`ok ${this.#number()} - ${name} # SKIP ${why}`);
  }

  note(text: string): void {
    console.log(`# ${((performance.now() - this.#started) / 1000).toFixed(1)}s ${text}`);
  }

  summary(): string {
    return `vm: ${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }

  #number(): number {
    return this.passed + this.failed + this.skipped;
  }

  #line(text: string, from: number): void {
    console.log(`${text} # ${((performance.now() - from) / 1000).toFixed(1)}s`);
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
