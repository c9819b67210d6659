/**
 * The county's line to the provincial gateway, in the shape of facts 1.3 ([V1]: known from client code only): HTTP form in, envelope
 * `{flag, data: {flag, errMsg, data: {…}}}` out. How a real gateway wants to be signed to is the matter of a proxy in front of it.
 */
import { z } from 'zod';
import { sm3 } from '../crypto/sm3.js';

/** `expired`: the gateway knew it once; `unknown`: it does not. */
export type CodeInfo =
  | { readonly result: 'person'; readonly idCardNo: string; readonly healthLevel: string }
  | { readonly result: 'expired' | 'unknown' };

export interface CodeAsked {
  /** The text of the QR code. */
  readonly code: string;
  readonly checkpoint: string;
  readonly signal: AbortSignal;
}

export interface Gateway {
  /** @throws GatewayError when the gateway cannot be reached or says nothing that makes sense; the signal's reason when it fires. */
  codeInfo(asked: CodeAsked): Promise<CodeInfo>;
}

export class GatewayError extends Error {
  override readonly name = 'GatewayError';
}

export interface GatewaySettings {
  /** http:// or https://, without a path. */
  readonly url: string;
  /** GB/T 2260. */
  readonly region: string;
}

export const CODE_INFO = '/prov-city-rest/check/getQrcodeInfo';
/** Facts 1.3, `dataSource`: 1 is Anhui. */
const ANHUI = '1';
const LARGEST = 64 * 1024;

const level = z.union([z.string(), z.int()]).transform(String);
const ENVELOPE = z.object({
  flag: z.boolean(),
  data: z.object({
    flag: z.boolean(),
    errMsg: z.string().nullish(),
    data: z.object({ idCardNo: z.string().max(32), healthLevel: level.nullish() }).nullish(),
  }),
});

export function createGateway({ url, region }: GatewaySettings): Gateway {
  const address = new URL(CODE_INFO, url);
  return {
    async codeInfo({ code, checkpoint, signal }) {
      const form = new URLSearchParams({ cityNo: `${region}000000`, qrCodeUrl: code, siteId: siteOf(checkpoint), dataSource: ANHUI });
      const envelope = ENVELOPE.safeParse(await posted(address, form, signal));
      if (!envelope.success) throw new GatewayError(`not the envelope: ${z.prettifyError(envelope.error)}`);
      return infoOf(envelope.data);
    },
  };
}

/** `siteId` is a GUID of 32 hex digits; ours follows from the checkpoint's name. */
const siteOf = (checkpoint: string): string => Buffer.from(sm3(Buffer.from(checkpoint)).subarray(0, 16)).toString('hex');

function infoOf({ flag, data: { flag: found, errMsg, data } }: z.output<typeof ENVELOPE>): CodeInfo {
  if (flag && found && data) return { result: 'person', idCardNo: data.idCardNo, healthLevel: data.healthLevel ?? '' };
  if (!flag) throw new GatewayError('the gateway says it failed');
  return { result: /过期|失效/.test(errMsg ?? '') ? 'expired' : 'unknown' };
}

async function posted(address: URL, body: URLSearchParams, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(address, { method: 'POST', body, signal, redirect: 'error' });
    if (!response.ok) throw new GatewayError(`HTTP ${response.status}`);
    return JSON.parse(await limited(response));
  } catch (error) {
    if (signal.aborted || error instanceof GatewayError) throw error;
    throw new GatewayError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new GatewayError(`more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
