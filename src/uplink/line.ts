/** The uplink with everything that listens at its other end: trust updates, orders to the stations, the time. */
import type { Facts, Moment } from '../contracts.js';
import { askTime } from './ask-time.js';
import { type Commanded, createCommands } from './commands.js';
import { createNotices, type Hear, type Notices } from './notices.js';
import { createUplink, type Uplink, type UplinkSettings } from './uplink.js';

export interface LineParts extends Omit<UplinkSettings, 'heard' | 'answered' | 'up'> {
  /** What comes down for the trust data. */
  readonly updates: {
    offer(manifest: Uint8Array): Promise<unknown>;
    offerSecrets(secrets: Uint8Array): Promise<unknown>;
    /** Fetches what could not be fetched while the line was down. */
    retry(): void;
  };
  /** Signed words of the platform and the time: ms. */
  readonly time: { issued(at: number): unknown; answered(issued: number, asked: number): unknown };
  readonly stations: readonly Commanded[];
  /** Whoever has a use for what phones registered. */
  readonly hear: Hear;
  /** Trust ages and clock quality for the entries of orders. */
  readonly circumstances: (at: Moment) => Facts;
  /** The platform can be asked and its answers can be checked; told again every minute or so. */
  readonly reachable: () => void;
}

export interface Line extends Uplink {
  /** What came of phones, by outcome. */
  readonly notices: Notices['counts'];
  /** To be called every minute or so. */
  upkeep(): void;
}

/** Stations are locked or free again as they were ordered to be; `start` then seeks the broker. */
export function openLine(parts: LineParts): Line {
  const { updates, time, clock, log } = parts;
  const { region, terminal } = parts.config;
  const heard = (issued: number): void => void time.issued(issued * 1000);
  const upkeep = (): void => {
    // Without keys no answer could be believed.
    if (!uplink.connected || parts.ready?.() === false) return;
    askTime({ ask: uplink.ask, clock, log });
    parts.reachable();
  };
  const uplink: Uplink = createUplink({
    ...parts,
    heard,
    answered: (issued, asked) => void time.answered(issued * 1000, asked),
    up: upkeep,
  });
  const commands = createCommands({ ...parts, terminal, checkpoint: parts.config.checkpoint, heard });
  const notices = createNotices({ ...parts, terminal, checkpoint: parts.config.checkpoint, heard });
  const failed = (what: string) => (error: unknown) => log.error('trust-offer-failed', { what, error: String(error) });
  uplink.subscribe(
    { way: 'trust', region, what: 'manifest' },
    (bytes) => void updates.offer(bytes).then(() => updates.retry(), failed('manifest')),
  );
  uplink.subscribe(
    { way: 'down', region, terminal, what: 'secrets' },
    (bytes) => void updates.offerSecrets(bytes).catch(failed('secrets')),
  );
  uplink.subscribe({ way: 'down', region, terminal, what: 'command' }, commands.take);
  uplink.subscribe({ way: 'down', region, terminal, what: 'notice' }, notices.take);
  commands.resume();
  const { trusted } = uplink;
  return Object.assign(uplink, {
    upkeep,
    notices: notices.counts,
    trusted: () => {
      trusted();
      upkeep();
    },
  });
}
