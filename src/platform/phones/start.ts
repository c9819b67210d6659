/** The county's page for phones, loaded only where it is wanted. */
import type { Instant, Log } from '../../contracts.js';
import type { CountyKeys } from '../keys.js';
import type { PhoneIdentity } from './identity.js';
import type { PhonesParts, PhonesServer } from './server.js';

export interface PhonesSettings {
  readonly port: number;
  /** How it knows whose phone it is; absent: by the text of their own code. */
  readonly identity?: PhoneIdentity;
}

interface Settings {
  readonly phones?: PhonesSettings;
  readonly now: () => Instant;
  readonly log: Log;
}

type Around = Pick<PhonesParts, 'store' | 'registered'> & { readonly keys: CountyKeys };

/** @throws when the port is taken. */
export async function phonesOf({ phones, now, log }: Settings, { store, keys, registered }: Around): Promise<PhonesServer | undefined> {
  if (!phones) return undefined;
  const [{ startPhones }, { identityByCode }] = await Promise.all([import('./server.js'), import('./identity.js')]);
  const identity = phones.identity ?? identityByCode({ store, now });
  return startPhones({ store, identity, region: keys.region, key: keys.seal.d, registered, now, log }, phones.port);
}
