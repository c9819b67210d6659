/**
 * Pages of those who signed in at a desk: the desk gives out a code of eight digits, good once and for ten minutes, and the page has a token
 * for it until the end of the shift. In memory only: a restart ends them.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { StaffRole } from '../contracts.js';

export interface Sessions {
  invite(role: StaffRole): string;
  /** undefined: no such code, or too many were tried lately. */
  begin(code: string): { readonly token: string; readonly seconds: number } | undefined;
  role(token: string): StaffRole | undefined;
  end(token: string): void;
}

const CODE_MS = 10 * 60_000;
const SESSION_MS = 12 * 3_600_000;
const MOST = 32;
/** Wrong codes within a minute, whoever tries: of a hundred million. */
const MOST_WRONG = 10;
const MINUTE = 60_000;

interface Begun {
  readonly role: StaffRole;
  readonly until: number;
}

export function createSessions(monotonic: () => number): Sessions {
  const codes = new Map<string, Begun>();
  const sessions = new Map<string, Begun>();
  let wrong: number[] = [];

  const put = (to: Map<string, Begun>, name: string, begun: Begun): void => {
    for (const [key, { until }] of to) if (until <= monotonic()) to.delete(key);
    const [oldest] = to.keys();
    if (to.size >= MOST && oldest !== undefined) to.delete(oldest);
    to.set(name, begun);
  };

  return {
    invite(role) {
      const code = String(randomInt(100_000_000)).padStart(8, '0');
      put(codes, code, { role, until: monotonic() + CODE_MS });
      return code;
    },
    begin(code) {
      wrong = wrong.filter((at) => at > monotonic() - MINUTE);
      if (wrong.length >= MOST_WRONG) return undefined;
      const invited = codes.get(code);
      if (!invited || invited.until <= monotonic()) {
        wrong.push(monotonic());
        return undefined;
      }
      codes.delete(code);
      const token = randomBytes(24).toString('base64url');
      put(sessions, token, { role: invited.role, until: monotonic() + SESSION_MS });
      return { token, seconds: SESSION_MS / 1000 };
    },
    role(token) {
      const session = sessions.get(token);
      return session && session.until > monotonic() ? session.role : undefined;
    },
    end: (token) => void sessions.delete(token),
  };
}
