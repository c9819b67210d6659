/** Tells terminals what phones registered at their codes (`ak/notice`): signed and sent by the running county, as soon as the broker is there. */
import type { Instant, Log } from '../contracts.js';
import { makeNotice, NOTICE_LIFE } from '../messages/notice.js';
import type { Signer } from '../messages/signed.js';
import { topicOf } from '../messages/topics.js';
import type { Link } from './link.js';
import type { CountyStore } from './store.js';

export interface Telling {
  readonly store: CountyStore;
  readonly link: Pick<Link, 'send' | 'connected'>;
  readonly region: string;
  readonly platform: Signer;
  readonly now: () => Instant;
  readonly log: Log;
}

const AT_ONCE = 200;

/** Signs and sends what is due, one look after the other. What a broker that goes away did not confirm is due again. */
export function noticeTeller({ store, link, region, platform, now, log }: Telling): { tell(): void; idle(): Promise<void> } {
  let working: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    if (!link.connected) return;
    for (const { at: _, ...notice } of await store.dueNotices(now() - NOTICE_LIFE * 1000, AT_ONCE)) {
      await link.send(topicOf({ way: 'down', region, terminal: notice.terminal, what: 'notice' }), makeNotice(notice, platform));
      await store.noteNoticeSent(notice.id, now());
      log.info('notice-sent', { terminal: notice.terminal, scene: notice.scene, number: notice.number });
    }
  };
  return {
    tell() {
      working = working.then(look).catch((error: unknown) => log.warn('notice-not-sent', { error: String(error) }));
    },
    idle: () => working,
  };
}
