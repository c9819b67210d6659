/** What is typed is looked up at the terminal, one question at a time; of what is typed meanwhile only the newest is asked. */
import { useRef } from 'preact/hooks';
import type { Found } from '../../contracts.js';

/** undefined: it is not asked for any more. */
export type Look = (typed: string) => Promise<Found | undefined>;

/** `found` is told the answer to the newest question only: there is never another under way, so that none can come late. */
export function useLooking(look: Look, found: (found: Found) => void): (typed: string) => void {
  const state = useRef<{ isBusy: boolean; next: string | undefined }>({ isBusy: false, next: undefined });
  const ask = async (typed: string): Promise<void> => {
    const now = state.current;
    if (now.isBusy) {
      now.next = typed;
      return;
    }
    now.isBusy = true;
    const answer = await look(typed).catch(() => undefined);
    now.isBusy = false;
    const { next } = now;
    now.next = undefined;
    if (next !== undefined && next !== typed) return ask(next);
    if (answer) found(answer);
  };
  return (typed) => void ask(typed);
}
