/** One exchange with a FHIR server over HTTP: bounded in time and size, its failures as FhirError. */
import { FhirError, faultOf, saidBy } from './error.js';

/** Where a FHIR server is, and how we are known there. */
export interface FhirAddress {
  /** Base of the server: http:// or https://, any path. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Without an answer for so long it counts as away. */
  readonly patienceMs?: number | undefined;
}

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Relative to the base, or a link that the server gave. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export type Send = (exchange: Exchange) => Promise<Answered>;

const PATIENCE_MS = 5000;
const LARGEST = 4 * 1024 * 1024;

/** `signal`: nobody waits any more. */
export function sender({ url, token, patienceMs = PATIENCE_MS }: FhirAddress, signal: AbortSignal): Send {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  return async ({ method, path, headers, body }) => {
    const address = new URL(path, base);
    // A link must not carry our token to somebody else.
    if (!address.href.startsWith(base.href)) throw new FhirError('unreadable', 'a link away from the server');
    const init = {
      method,
      headers: { accept: 'application/fhir+json', ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body }),
      redirect: 'manual' as const,
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    };
    const { status, text } = await exchanged(address, init);
    return { status, body: bodyOf(status, text) };
  };
}

async function exchanged(address: URL, init: RequestInit): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(address, init);
    return { status: response.status, text: await limited(response) };
  } catch (error) {
    if (error instanceof FhirError) throw error;
    throw new FhirError('away', init.signal?.aborted === true ? 'no answer in time' : 'the connection failed', { cause: error });
  }
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new FhirError('unreadable', `more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** @throws FhirError for every status but those of success */
function bodyOf(status: number, text: string): unknown {
  const fault = faultOf(status);
  const body = parsed(text);
  if (fault) throw new FhirError(fault, `HTTP ${status}`, { said: saidBy(body) });
  if (body === undefined) throw new FhirError('unreadable', `HTTP ${status} without a resource`);
  return body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
