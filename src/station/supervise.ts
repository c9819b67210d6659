/**
 * Keeps one device open for ever: opens its port, attaches its driver, and when the link is lost starts over with back-off.
 * Whatever happens to it is an event; it never ends the daemon and never holds up another device.
 */
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Device, Link, Log } from '../contracts.js';

export type DeviceState = 'up' | 'down';

export interface Supervision<L extends Link, D extends Device> {
  /** Rejects while the device is away. */
  readonly open: () => Promise<L>;
  /** Makes the driver anew at every opening, so that nothing of the old link lives on. */
  readonly attach: (link: L) => D;
  /** Told at every change, with the device while it is up; `reason` for people, without personal data. */
  readonly onState: (state: DeviceState, reason: string, device: D | undefined) => void;
  readonly log: Log;
  /** A file that appears when the device is plugged in. */
  readonly path?: string | undefined;
}

export interface Supervised {
  /** Resolves when the link is closed and nothing of it runs any more. */
  stop(): Promise<void>;
}

/** Different reasons that are logged while one device is away. */
const REASONS = 8;
const FIRST_MS = 100;
const LONGEST_MS = 2000;
/** udev sets the owner of a node a moment after the node appears. */
const SETTLE_MS = 20;
/** A link that lived so long was a good one: the next loss starts over with short waits. */
const PROVEN_MS = 2000;

export function supervise<L extends Link, D extends Device>(what: Supervision<L, D>): Supervised {
  const stopping = new AbortController();
  const { signal } = stopping;
  const report = reporter(what);

  const live = async (): Promise<void> => {
    let attempt = 0;
    while (!signal.aborted) {
      const proven = setTimeout(() => {
        attempt = 0;
      }, PROVEN_MS);
      const reason = await life(what, report, signal).catch(reasonOf);
      clearTimeout(proven);
      if (signal.aborted) break;
      report('down', reason);
      await again(waitMs(attempt++), what.path, signal);
    }
    report('down', 'stopped');
  };
  const ended = live();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

/** One life of the device: resolves with the reason why it ended, rejects when it did not begin. */
async function life<L extends Link, D extends Device>(what: Supervision<L, D>, report: Report<D>, signal: AbortSignal): Promise<string> {
  const link = await what.open();
  let thrown: string | undefined;
  const guard = guarded(link, (error) => {
    thrown ??= `the driver threw: ${reasonOf(error)}`;
    what.log.error('driver-threw', { reason: thrown });
    void link.close();
  });
  const stop = (): void => void link.close();
  let device: D | undefined;
  try {
    if (signal.aborted) return 'stopped';
    device = what.attach(guard);
    signal.addEventListener('abort', stop, { once: true });
    report('up', 'opened', device);
    const lost = await link.closed;
    const reason = signal.aborted ? 'stopped' : (thrown ?? lost?.reason ?? 'closed');
    report('down', reason);
    return reason;
  } finally {
    signal.removeEventListener('abort', stop);
    closeDevice(device, what.log);
    await link.close();
  }
}

function closeDevice(device: Device | undefined, log: Log): void {
  try {
    device?.close?.();
  } catch (error) {
    log.error('driver-threw', { reason: reasonOf(error) });
  }
}

/** The link as its driver sees it: what a listener throws is caught at the rim where it would end the process. */
function guarded<L extends Link>(link: L, onThrow: (error: unknown) => void): L {
  const safe =
    (listener: (...told: unknown[]) => unknown) =>
    (...told: unknown[]): void => {
      try {
        listener(...told);
      } catch (error) {
        onThrow(error);
      }
    };
  return new Proxy(link, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (typeof key !== 'string' || !key.startsWith('on')) return value.bind(target) as unknown;
      return (listener: (...told: unknown[]) => unknown) => value.call(target, safe(listener));
    },
  });
}

type Report<D> = (state: DeviceState, reason: string, device?: D) => void;

/** Changes of state are told once; while a device stays away, each new reason is logged once. */
function reporter<L extends Link, D extends Device>({ onState, log }: Supervision<L, D>): Report<D> {
  let last: DeviceState | undefined;
  const reasons = new Set<string>();
  return (state, reason, device) => {
    if (state === 'up') {
      reasons.clear();
      log.info('device-up');
    } else if (!reasons.has(reason) && reasons.size < REASONS) {
      reasons.add(reason);
      log.warn('device-down', { reason });
    }
    const changed = state !== last;
    last = state;
    if (changed) onState(state, reason, device);
  };
}

/** Jittered, so that ten devices of one hub do not knock at once. */
function waitMs(attempt: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
}

/** Resolves after the wait, or soon after the file at `path` or a folder on the way to it appears, or when it is stopped. */
function again(ms: number, path: string | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      clearTimeout(settled);
      stopWatching();
      signal.removeEventListener('abort', done);
      resolve();
    };
    let settled: ReturnType<typeof setTimeout> | undefined;
    const timer = setTimeout(done, ms);
    const appeared = (): void => {
      settled ??= setTimeout(done, SETTLE_MS);
    };
    const stopWatching = path === undefined ? () => undefined : onAppearing(path, appeared);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Watches the nearest folder there is: /dev/serial/by-id itself goes away with the last device in it. */
function onAppearing(path: string, appeared: () => void): () => void {
  const folder = dirname(path);
  try {
    const watcher = watch(folder, (_event, file) => {
      if (file === null || file === basename(path)) appeared();
    });
    // A folder that goes away while it is watched; the timer goes on.
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return folder === path ? () => undefined : onAppearing(folder, appeared);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
