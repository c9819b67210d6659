/** Who stands at a desk, as a question to the platform carries it: what was shown, and the pseudonym that the terminal made of it. Pure. */
import { z } from 'zod';
import type { Medium } from '../contracts.js';
import type { Cbor } from '../crypto/cbor.js';
import { numbered, octets } from './numbered.js';

/** In the body of a question: `who` beside what is asked. */
export const WHO = 'who';

export const SHOWN = numbered({
  medium: z.enum(['code', 'card'] satisfies Medium[]),
  bytes: octets(),
  subject: z.string().min(1).max(64).describe('a pseudonym of 22 characters, or a credit code'),
});
export type Shown = Readonly<z.output<typeof SHOWN.schema>>;

/** `body`: a map with text keys. */
export function withShown(body: Cbor, shown: Shown): Cbor {
  if (!(body instanceof Map)) throw new TypeError('the body of a question about somebody is a map');
  return new Map([...body, [WHO, SHOWN.write(shown)]]);
}

/** What is asked, and about whom; undefined: nobody is named, or not as above. */
export function shownIn(body: Cbor): { readonly shown: Shown; readonly rest: Cbor } | undefined {
  if (!(body instanceof Map)) return undefined;
  const shown = SHOWN.read(body.get(WHO));
  return shown && { shown, rest: new Map([...body].filter(([key]) => key !== WHO)) };
}
