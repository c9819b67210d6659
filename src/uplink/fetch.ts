/** Asks the broker for one retained message: a part of the trust data. */
import type { Topic } from '../messages/topics.js';
import type { Uplink } from './uplink.js';

/** The bytes, or undefined when none came in `ms`; rejects while the broker is not reached. */
export function fetchRetained(
  uplink: Pick<Uplink, 'connected' | 'subscribe' | 'unsubscribe'>,
  topic: Topic,
  ms: number,
): Promise<Uint8Array | undefined> {
  if (!uplink.connected) return Promise.reject(new Error('the broker is not reached'));
  return new Promise((resolve) => {
    const done = (bytes: Uint8Array | undefined): void => {
      clearTimeout(timer);
      uplink.unsubscribe(topic);
      resolve(bytes);
    };
    const timer = setTimeout(done, ms, undefined);
    uplink.subscribe(topic, done);
  });
}
