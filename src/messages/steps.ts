/** Long work cut into short steps, so that whoever runs it decides what may happen in between. Pure. */

/** Yields after at most about half a millisecond of work on a desktop; its return value is the result. */
export type Steps<T> = Generator<void, T, void>;

/** Runs it in one go: for programs nobody is waiting at. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
