/** What monitoring may ask of a terminal: does it work, is it ready, what did it count. */
import type { Hono } from 'hono';
import { metricsText, type Vitals } from './metrics.js';

export interface Readiness {
  /** Every station is served. */
  readonly stations: boolean;
  /** The journal takes entries. */
  readonly journal: boolean;
  /** There is trust data to verify by. */
  readonly trust: boolean;
}

export interface Probe {
  works(): boolean;
  readiness(): Readiness;
  /** undefined: there is nothing to count yet. */
  vitals(): Vitals | undefined;
}

/** 503 where the answer is no. `ankang doctor` knows the daemon by the first word of /readyz. */
export function probeRoutes(app: Hono, probe: Probe): void {
  app.get('/healthz', (c) => {
    const works = probe.works();
    return c.json({ works }, works ? 200 : 503);
  });
  app.get('/readyz', (c) => {
    const parts = probe.readiness();
    const ready = parts.stations && parts.journal && parts.trust;
    return c.json({ ready, ...parts }, ready ? 200 : 503);
  });
  app.get('/metrics', (c) => {
    const vitals = probe.vitals();
    if (!vitals) return c.text('nothing to count yet\n', 503);
    return c.text(metricsText(vitals), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
}
