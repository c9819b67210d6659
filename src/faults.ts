/** What is wrong with a configuration, and how several such faults are told together. */

/** Faults of a configuration, one line each: `file:line:column field 中文 · English`. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** Looks at several pieces before it throws: what `of` could not have is undefined, and `check` throws all their faults together. */
export function gatherFaults(): { of<T>(look: () => T | Promise<T>): Promise<T | undefined>; add(fault: string): void; check(): void } {
  const faults: string[] = [];
  return {
    async of(look) {
      try {
        return await look();
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        faults.push(...error.faults);
        return undefined;
      }
    },
    add: (fault) => void faults.push(fault),
    check() {
      if (faults.length > 0) throw new ConfigurationError(faults);
    },
  };
}
