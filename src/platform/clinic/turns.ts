/** One after the other for one person: what they ask at two terminals at once does not cross. Pure but for its memory. */
const turns = new Map<string, Promise<unknown>>();

export function inTurn<T>(who: string, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(who) ?? Promise.resolve()).then(work);
  const over = mine
    .then(
      () => undefined,
      () => undefined,
    )
    .then(() => {
      if (turns.get(who) === over) turns.delete(who);
    });
  turns.set(who, over);
  return mine;
}
