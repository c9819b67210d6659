/** Codes for phones that a desk shows: signed by this terminal, drawn as a picture. */
import { randomBytes } from 'node:crypto';
import type { Clock, Desk } from '../contracts.js';
import type { Signer } from '../messages/signed.js';
import { makeVenueCode } from '../messages/venue.js';

export interface VenueParts {
  readonly signer: Signer;
  readonly region: string;
  readonly checkpoint: string;
  /** Host of the county's page that a phone opens. */
  readonly phones: string;
  readonly clock: Clock;
  /** Loaded with the first code that is drawn; `picture` is a data URL. */
  drawn(): Promise<{ drawQr(text: string): Promise<{ readonly picture: string }> }>;
}

export function createVenue({ signer, region, checkpoint, phones, clock, drawn }: VenueParts): Desk['venueCode'] {
  return async ({ scene, event, title, until }) => {
    const issued = Math.floor(clock.now().earliest / 1000);
    const codeId = Uint8Array.from(randomBytes(8));
    const dates = { issued, expires: Math.max(issued + 1, Math.floor(until / 1000)), codeId };
    const text = makeVenueCode(signer, phones, { region, checkpoint, scene, event, title, ...dates });
    const { drawQr } = await drawn();
    return { text, picture: (await drawQr(text)).picture };
  };
}
