/** Joins a terminal to its site: the words, the memory and the LAN together. */
import { join } from 'node:path';
import type { Clock, Log } from '../contracts.js';
import { type Lan, type LanSettings, openLan } from './lan.js';
import { openShelf } from './shelf.js';
import { createSite, type Site } from './site.js';

export interface JoinParts extends LanSettings {
  readonly terminal: { readonly id: string; readonly checkpoint: string };
  /** The terminal's state: the words are kept there until 04:00. */
  readonly folder: string;
  readonly keep: { kept(name: string): string | undefined; keep(name: string, value: string): void };
  readonly journal: { inside(): number };
  secrets(): { readonly siteKey: Uint8Array | undefined } | undefined;
  readonly clock: Clock;
  changed(): void;
  readonly log: Log;
}

export interface JoinedSite extends Site {
  /** The socket is open. */
  readonly onLan: boolean;
}

const BOOT = 'site.boot';
/** An interface that came and went has forgotten the group: nobody there, join anew. */
const REJOIN_MS = 60_000;

export function joinSite(parts: JoinParts): Omit<JoinedSite, 'stop'> & { stop(): Promise<void> } {
  const { terminal, keep, journal, clock, log } = parts;
  const shelf = openShelf({ file: join(parts.folder, 'site.words'), worth: () => site.words(), log });
  const site: Site = createSite({
    terminal: terminal.id,
    checkpoint: terminal.checkpoint,
    boot: nextBoot(keep, clock, log),
    siteKey: () => parts.secrets()?.siteKey,
    inside: () => journal.inside(),
    clock,
    send: (bytes) => lan.send(bytes),
    shelf,
    changed: () => parts.changed(),
    log,
  });
  const lan: Lan = openLan({ ...lanOf(parts), onWord: (bytes) => site.hear(bytes), onJoined: () => site.joined(), log });
  // What is on disk is read now, not at the first scan.
  site.joined();
  const rejoin = setInterval(() => site.alone() && lan.rejoin(), REJOIN_MS).unref();
  return {
    ...site,
    get peers() {
      return site.peers;
    },
    get onLan() {
      return lan.joined;
    },
    async stop() {
      clearInterval(rejoin);
      site.stop();
      await lan.stop();
      await shelf.close();
    },
  };
}

const lanOf = ({ group, port, interface: name }: LanSettings): LanSettings => ({ group, port, interface: name });

/** Above the last; above that of a disk that was exchanged too, as far as the clock is right. */
function nextBoot(keep: JoinParts['keep'], clock: Clock, log: Log): number {
  const next = Math.max(Number(keep.kept(BOOT) ?? 0) + 1, Math.floor(clock.now().earliest / 1000));
  try {
    keep.keep(BOOT, String(next));
  } catch (error) {
    log.error('site-boot-not-kept', { error: error instanceof Error ? error.message : String(error) });
  }
  return next;
}
