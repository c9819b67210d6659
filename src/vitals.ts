/** Gathers what a terminal can tell of itself to monitoring: counts and ages, nothing of persons. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Trust } from './contracts.js';
import type { Journal } from './journal/journal.js';
import type { Vitals } from './page/metrics.js';
import type { Probe } from './page/probe.js';
import { ageOf } from './station/decide.js';
import type { Counted } from './station/stations.js';
import type { TrustClock } from './trust/clock.js';
import type { Line } from './uplink/line.js';

export interface VitalParts {
  stations(): readonly Counted[];
  readonly journal: Pick<Journal, 'last' | 'backlog'>;
  /** People inside. */
  inside(): number;
  readonly clock: Pick<TrustClock, 'now' | 'quality'>;
  trust(): Trust | undefined;
  uplink(): Line | undefined;
  /** Of an enrolled terminal. */
  readonly renewal: { readonly left: number } | undefined;
  /** The other lanes of the site. */
  readonly site: Vitals['site'] | undefined;
  /** No lane is stuck. */
  works(): boolean;
  /** Every entry could be written. */
  healthy(): boolean;
}

/** Often enough to see a block that a person would notice; rarely enough to cost nothing. */
const DELAY_MS = 50;
const NS = 1e9;

export function createProbe(parts: VitalParts): Probe {
  const delay = monitorEventLoopDelay({ resolution: DELAY_MS });
  delay.enable();
  return {
    works: parts.works,
    readiness: () => ({ stations: parts.works(), journal: parts.healthy(), trust: parts.trust() !== undefined }),
    vitals() {
      const late = { delay: secondsLate(delay.percentile(99)), delayMost: secondsLate(delay.max) };
      delay.reset();
      const process_ = { ...late, residentBytes: process.memoryUsage.rss(), uptime: Math.round(process.uptime()) };
      return { ...countsOf(parts), ...agesOf(parts), certificateLeft: parts.renewal?.left ?? null, process: process_ };
    },
  };
}

/** The histogram counts its own interval; empty, it holds no number. */
const secondsLate = (ns: number): number => Math.max(0, (Number.isFinite(ns) ? ns : 0) / NS - DELAY_MS / 1000);

function countsOf({
  stations,
  journal,
  inside,
  clock,
  uplink,
  site,
  healthy,
}: VitalParts): Pick<Vitals, 'stations' | 'inside' | 'journal' | 'uplink' | 'site'> {
  const { entries, hours } = journal.backlog(clock.now());
  const up = uplink();
  const line = up?.metrics;
  return {
    stations: stations().map(({ id, counts, devices }) => ({
      station: id,
      counts,
      devices: devices.map(({ name, role, state }) => ({ name, role, up: state === 'up' })),
    })),
    inside: inside(),
    journal: { entries: journal.last, backlog: entries, hours, writable: healthy() },
    uplink: line
      ? { connected: line.connected, connects: line.connects, kicks: line.kicks, ...line.sent, down: line.down, notices: up?.notices ?? {} }
      : null,
    site: site ? { peers: site.peers, heard: site.heard } : null,
  };
}

function agesOf({ clock, trust }: VitalParts): Pick<Vitals, 'trust' | 'clock'> {
  const { earliest, latest } = clock.now();
  const inForce = trust();
  const known = (ms: number): number | null => (Number.isFinite(ms) ? Math.round(ms / 1000) : null);
  return {
    trust: inForce
      ? {
          seq: inForce.seq,
          age: ageOf(inForce.issued, { latest }),
          listsAge: ageOf(inForce.listsAsOf, { latest }),
          expiresIn: known(inForce.expires - latest),
        }
      : null,
    clock: { width: (latest - earliest) / 1000, faults: clock.quality().faults },
  };
}
