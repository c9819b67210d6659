/** One job tried again and again: at once when something stirs it, after ever longer pauses while it says it is not done. */

/** Pauses grow to so many times the first. */
const LONGEST = 20;

export class Rounds {
  readonly #first: number;
  readonly #job: () => Promise<boolean>;
  readonly #running: Promise<void>;
  #stirred = false;
  #wake: () => void = () => {};
  #closed = false;

  /** `job` never rejects; true: there is more to do. It waits for the first `stir`. */
  constructor(firstPauseMs: number, job: () => Promise<boolean>) {
    this.#first = firstPauseMs;
    this.#job = job;
    this.#running = this.#run();
  }

  get closed(): boolean {
    return this.#closed;
  }

  stir(): void {
    this.#stirred = true;
    this.#wake();
  }

  /** Resolves when the round under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pause = this.#first;
    let more = false;
    while (!this.#closed) {
      if (!this.#stirred) await this.#sleep(more ? pause * (0.75 + Math.random() / 2) : undefined);
      pause = this.#stirred ? this.#first : Math.min(2 * pause, LONGEST * this.#first);
      if (this.#closed) return;
      this.#stirred = false;
      more = await this.#job();
    }
  }

  /** Until something stirs, or for so long. */
  #sleep(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      timer?.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
