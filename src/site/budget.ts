/** How much is listened to: a flood costs no more than its budget. Pure. */

/** True as long as there were not more than `most` in this second. `now`: monotonic ms. */
export function createBudget(most: number): (now: number) => boolean {
  let began = Number.NEGATIVE_INFINITY;
  let spent = 0;
  return (now) => {
    if (now - began >= 1000) {
      began = now;
      spent = 0;
    }
    spent++;
    return spent <= most;
  };
}
