/** What the county tells of phones goes to whoever of this box has a use for it: the desk that shows it, the register of meetings. */
import type { Notice } from '../contracts.js';
import type { Register, RegisterWriter } from '../meeting/shapes.js';
import type { Kiosk } from './kiosk.js';

/** Within one transaction; what it returns is done once that is on disk. undefined: nobody has. */
export function hearing(
  register: Pick<Register, 'noticed'>,
  desks: readonly Pick<Kiosk, 'desk'>[],
): (tx: RegisterWriter, notice: Notice) => (() => void) | undefined {
  return (tx, notice) => {
    const heard = [register.noticed(tx, notice), ...desks.map(({ desk }) => desk.hear(tx, notice))].filter((then) => then !== undefined);
    return heard.length === 0 ? undefined : () => heard.forEach((then) => then());
  };
}
