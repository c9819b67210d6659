/** Joins a terminal to its site: the words, the memory and the LAN together. */
import type { Clock, Log } from '../contracts.js';
import { type LanSettings, openLan } from './lan.js';
import { createSite, type Site } from './site.js';

export interface JoinParts extends LanSettings {
  readonly terminal: { readonly id: string; readonly checkpoint: string };
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

export function joinSite(parts: JoinParts): Omit<JoinedSite, 'stop'> & { stop(): Promise<void> } {
  const { terminal, keep, journal, clock, log } = parts;
  const site = createSite({
    terminal: terminal.id,
    checkpoint: terminal.checkpoint,
    boot: nextBoot(keep, log),
    siteKey: () => parts.secrets()?.siteKey,
    inside: () => journal.inside(),
    clock,
    send: (bytes) => lan.send(bytes),
    changed: () => parts.changed(),
    log,
  });
  const lan = openLan({ ...lanOf(parts), onWord: (bytes) => site.hear(bytes), onJoined: () => site.joined(), log });
  return {
    ...site,
    get peers() {
      return site.peers;
    },
    get onLan() {
      return lan.joined;
    },
    async stop() {
      site.stop();
      await lan.stop();
    },
  };
}

const lanOf = ({ group, port, interface: name }: LanSettings): LanSettings => ({ group, port, interface: name });

/** Where it cannot be kept, the start's own time is higher than any number before. */
function nextBoot(keep: JoinParts['keep'], log: Log): number {
  const next = Math.max(Number(keep.kept(BOOT) ?? 0) + 1, 1);
  try {
    keep.keep(BOOT, String(next));
  } catch (error) {
    log.error('site-boot-not-kept', { error: error instanceof Error ? error.message : String(error) });
  }
  return next;
}
