/** When somebody tells a program to stop: Ctrl-C, or the service manager. */

/** Ctrl-C under `npm start` comes twice, from the terminal and from npm; whoever says it later means: at once. */
const TOGETHER_MS = 1000;
const EXIT_INTERRUPTED = 130;

/** Resolves at the first SIGINT or SIGTERM. From then on the program ends in order, unless it is told again. */
export function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const told = (): void => {
      first ??= performance.now();
      resolve();
      if (performance.now() - first > TOGETHER_MS) process.exit(EXIT_INTERRUPTED);
    };
    process.on('SIGINT', told);
    process.on('SIGTERM', told);
  });
}
