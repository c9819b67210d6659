/**
 * The county's line to the trusted-identity service (CTID, 网证), in the shape of facts 11.1: two steps, so that what proves the person is
 * bound to a random number that is used once; the answer is a verdict and an opaque mark, never a name. [V1]: known from client code only.
 *
 *   validateCodeApply   {bizPackage}                         → bizSerialNum, randomNumber
 *   validateCodeRequest {bizSerialNum, idcardAuthData, …}    → authResult, authResultRetainData
 */
import { z } from 'zod';
import { hmacSm3, sm3 } from '../crypto/sm3.js';

export interface TrustedIdentity {
  /** undefined: it is not that person. @throws TrustedIdentityError when it cannot be asked; the signal's reason when it fires. */
  confirm(idNumber: string, signal: AbortSignal): Promise<{ readonly mark: string } | undefined>;
}

export class TrustedIdentityError extends Error {
  override readonly name = 'TrustedIdentityError';
}

export interface TrustedIdentitySettings {
  /** http:// or https://, without a path. */
  readonly url: string;
  /** 8 and 4 bytes, given by the service to the county. */
  readonly organisation: Uint8Array;
  readonly application: Uint8Array;
}

export const APPLY = '/ctid/validateCodeApply';
export const REQUEST = '/ctid/validateCodeRequest';
const LARGEST = 64 * 1024;
/** Facts 11.1, authMode: QR alone is not among them; 1 is QR with an authorisation code. */
const AUTH_MODE = '1';

const APPLIED = z.object({ bizSerialNum: z.string().min(1).max(64), randomNumber: z.string().regex(/^[0-9a-f]{32}$/) });
const VERDICT = z.object({
  success: z.boolean(),
  errorCode: z.union([z.string(), z.int()]).transform(String),
  authResult: z.string().max(16).nullish(),
  authResultRetainData: z.string().max(128).nullish(),
});

/** What binds the person to one random number: the service makes it too from what it knows. */
export function authData(idNumber: string, random: string, { organisation, application }: Omit<TrustedIdentitySettings, 'url'>): string {
  const of = Buffer.concat([Buffer.from(random, 'hex'), organisation, application]);
  return Buffer.from(hmacSm3(sm3(Buffer.from(idNumber)), of)).toString('base64');
}

export function createTrustedIdentity(settings: TrustedIdentitySettings): TrustedIdentity {
  const customer = Buffer.from(settings.organisation).toString('hex');
  return {
    async confirm(idNumber, signal) {
      const applied = await posted(
        new URL(APPLY, settings.url),
        { bizPackage: { custNum: customer, authMode: AUTH_MODE } },
        { schema: APPLIED, signal },
      );
      const body = {
        bizSerialNum: applied.bizSerialNum,
        custNum: customer,
        authMode: AUTH_MODE,
        idcardAuthData: authData(idNumber, applied.randomNumber, settings),
      };
      const verdict = await posted(new URL(REQUEST, settings.url), body, { schema: VERDICT, signal });
      if (!verdict.success || verdict.errorCode !== '0') throw new TrustedIdentityError(`the service says ${verdict.errorCode}`);
      return verdict.authResult === '0' && verdict.authResultRetainData ? { mark: verdict.authResultRetainData } : undefined;
    },
  };
}

interface Reading<T> {
  readonly schema: z.ZodType<T>;
  readonly signal: AbortSignal;
}

async function posted<T>(address: URL, body: unknown, { schema, signal }: Reading<T>): Promise<T> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
      redirect: 'error',
    });
    if (!response.ok) throw new TrustedIdentityError(`HTTP ${response.status}`);
    const text = await response.text();
    if (text.length > LARGEST) throw new TrustedIdentityError(`more than ${LARGEST} characters`);
    return schema.parse(JSON.parse(text));
  } catch (error) {
    if (signal.aborted || error instanceof TrustedIdentityError) throw error;
    throw new TrustedIdentityError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
