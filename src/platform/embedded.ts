/** The county's own broker, for a county in one process and for the demo, and how the county itself speaks to it. */
import type { Log } from '../contracts.js';
import { type Broker, COUNTY_USER, startBroker } from './broker.js';
import type { CountyKeys } from './keys.js';
import type { KnownTerminals } from './known-terminals.js';
import type { BrokerAddress } from './link.js';

export interface Embedding {
  readonly keys: CountyKeys;
  readonly terminals: KnownTerminals;
  readonly log: Log;
}

export function embedded(port: number, { keys, terminals, log }: Embedding): Promise<Broker> {
  const password = (user: string): string | undefined =>
    user === COUNTY_USER || terminals.keys.has(user) ? keys.brokerPassword(user) : undefined;
  return startBroker({ region: keys.region, port, password, log });
}

export function loopback(broker: Broker | undefined, keys: CountyKeys): BrokerAddress {
  if (!broker) throw new Error('the embedded broker was not started');
  return { url: `mqtt://127.0.0.1:${broker.port}`, username: COUNTY_USER, password: keys.brokerPassword(COUNTY_USER) };
}
