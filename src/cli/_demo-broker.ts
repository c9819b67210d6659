/** The demo's broker, which may be stopped and started while everything else goes on. */
import type { Log } from '../contracts.js';
import { type Broker, COUNTY_USER, startBroker } from '../platform/broker.js';
import type { CountyKeys } from '../platform/keys.js';

export interface DemoBroker {
  /** mqtt:// address; the same after a new start. */
  readonly port: number;
  readonly running: boolean;
  /** One after the other, whoever asks. */
  turn(on: boolean): Promise<void>;
}

export async function startDemoBroker(keys: CountyKeys, terminal: string, log: Log): Promise<DemoBroker> {
  const password = (user: string): string | undefined =>
    user === COUNTY_USER || user === terminal ? keys.brokerPassword(user) : undefined;
  const begin = (port: number): Promise<Broker> => startBroker({ region: keys.region, port, password, log });
  const first = await begin(0);
  let broker: Broker | undefined = first;
  let turning: Promise<void> = Promise.resolve();
  const turned = async (on: boolean): Promise<void> => {
    if (on === (broker !== undefined)) return;
    const before = broker;
    broker = undefined;
    if (on) broker = await begin(first.port);
    else await before?.stop();
  };
  return {
    port: first.port,
    get running() {
      return broker !== undefined;
    },
    turn: (on) => {
      const mine = turning.then(() => turned(on));
      turning = mine.catch(() => undefined);
      return mine;
    },
  };
}
