/** Service `credential`: whose is a code that only its issuer can read (wire.md 1.4)? */
import type { Colour } from '../../contracts.js';
import type { Cbor } from '../../crypto/cbor.js';
import { subjectOf } from '../../crypto/subject.js';
import { decodeResolve, encodeResolved, encodeResolveRefusal } from '../../messages/credential.js';
import { residentId } from '../../messages/identifiers.js';
import { holderOf, isCardText } from '../clinic/holder.js';
import { openFhir } from '../fhir/client.js';
import type { FhirAddress } from '../fhir/http.js';
import { colourOf } from '../residents.js';
import type { Context, Outcome, Service } from './_service.js';

/** The answer holds for the reading that asked, and for no later one. */
const HOLDS_MS = 30_000;
/** Facts 1.1: Anhui's numbers. */
const LEVELS: Readonly<Record<string, Colour>> = { 1: 'green', 2: 'yellow', 3: 'red' };

async function resolve(body: Cbor, context: Context): Promise<Outcome> {
  const asked = decodeResolve(body);
  if (!asked) return { status: 'refused' };
  const { gateway, hospital, keys, terminal, now, signal } = context;
  if (hospital && isCardText(asked.code)) return resolveCard(asked.code, { ...context, hospital });
  if (!gateway) return { status: 'fault' };
  const info = await gateway.codeInfo({ code: asked.code, checkpoint: terminal.checkpoint, signal });
  if (info.result !== 'person')
    return info.result === 'expired' ? { status: 'refused', body: encodeResolveRefusal('expired') } : { status: 'unknown' };
  const id = residentId(info.idCardNo);
  const key = keys.regionKeys.at(-1);
  // Passports and passes have no pseudonym yet.
  if (id === undefined || !key) return { status: 'unknown' };
  const subject = await subjectOf(id, keys.region, key);
  return { status: 'ok', body: encodeResolved({ subject, colour: LEVELS[info.healthLevel] ?? 'unknown', validUntil: now + HOLDS_MS }) };
}

/** A hospital's card: whose it is, the hospital knows; how they are, the county. */
async function resolveCard(
  code: string,
  { hospital, keys, store, now, signal }: Context & { readonly hospital: FhirAddress },
): Promise<Outcome> {
  const id = await holderOf(openFhir(hospital, signal), code);
  const key = keys.regionKeys.at(-1);
  if (id === null) return { status: 'fault' };
  if (id === undefined || !key) return { status: 'unknown' };
  const subject = await subjectOf(id, keys.region, key);
  return { status: 'ok', body: encodeResolved({ subject, colour: await colourOf(store, subject), validUntil: now + HOLDS_MS }) };
}

export default {
  operations: { resolve: { asks: (body) => ({ scene: decodeResolve(body)?.scene, fields: [] }), handle: resolve } },
} satisfies Service;
