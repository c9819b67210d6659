/** The reports of programs in the guest: JSON lines, kept in order, each waited for or counted by what it holds. */
import { inspect } from 'node:util';

export type Fact = Readonly<Record<string, unknown>>;

export class Reports {
  readonly #facts: Fact[] = [];
  readonly #waiting = new Set<() => void>();
  /** Facts before this are done with. */
  #from = 0;

  /** A line that is no JSON was cut off by the end of the guest: it reports nothing. */
  take(line: string): void {
    try {
      this.#facts.push(JSON.parse(line) as Fact);
    } catch {
      return;
    }
    for (const look of this.#waiting) look();
  }

  /** From now on only what comes later counts. */
  forget(): void {
    this.#from = this.#facts.length;
  }

  /** All that hold these fields with these values, since the last `forget`. */
  all(like: Fact): Fact[] {
    return this.#facts.slice(this.#from).filter((fact) => holds(fact, like));
  }

  /** The first such report, now or within the time. */
  async next(like: Fact, withinMs = 60_000): Promise<Fact> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.all(like)[0];
        if (!found) return;
        stop();
        resolve(found);
      };
      const stop = (): void => {
        clearTimeout(late);
        this.#waiting.delete(look);
      };
      const late = setTimeout(() => {
        stop();
        const heard = this.#facts
          .slice(this.#from)
          .slice(-5)
          .map((fact) => JSON.stringify(fact));
        reject(new Error(`no report like ${inspect(like)} within ${withinMs} ms; heard ${heard.join(' ') || 'nothing'}`));
      }, withinMs);
      this.#waiting.add(look);
      look();
    });
  }
}

/** A pattern stands for every text it matches. */
function holds(fact: Fact, like: Fact): boolean {
  return Object.entries(like).every(([name, value]) => (value instanceof RegExp ? matches(fact[name], value) : fact[name] === value));
}

const matches = (text: unknown, pattern: RegExp): boolean => typeof text === 'string' && pattern.test(text);
