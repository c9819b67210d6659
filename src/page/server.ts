/** Gives the page out on the loopback: the view as server-sent events; touches at a desk come back by one route. */
import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import type { Acted, DeskAction } from '../contracts.js';
import { actRoutes } from './act.js';
import { organiserRoutes } from './organiser.js';
import type { StaffPage } from './organiser-view.js';
import { type Probe, probeRoutes } from './probe.js';
import type { TerminalView } from './view.js';

/** A page that hears nothing for twice this long says that the terminal is gone. */
const HEARTBEAT_MS = 5000;

/** More pages than this on one box are somebody's mistake. */
const MOST_PAGES = 16;

const ASSETS: Readonly<Record<string, string>> = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

const ASSET_NAMES = new Set(['page.js', 'page.css', 'demo.js', 'organiser.js', 'organiser.css']);

export interface Page {
  readonly port: number;
  /** Tells every open page. */
  changed(): void;
  stop(): Promise<void>;
}

export interface PageParts {
  readonly port: number;
  view(): TerminalView;
  /** What a person does at a desk: false: it does not fit what stands there now; undefined: there is no such desk. */
  act?(station: string, action: DeskAction): Acted | undefined;
  /** The page of organisers and clerks; absent: this terminal has none. */
  readonly staff?: StaffPage;
  /** Answers /healthz, /readyz and /metrics. */
  readonly probe?: Probe;
  /** Routes of a host that adds its own, such as the demo. They stand before the page's. */
  mount?(app: Hono): void;
}

export async function servePage({ port, view, act, probe, staff, mount }: PageParts): Promise<Page> {
  const listeners = new Set<() => void>();
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'self'"], imgSrc: ["'self'", 'data:'], frameAncestors: ["'none'"], baseUri: ["'none'"] },
    }),
  );
  app.use(async (c, next) => (isLoopback(c.req.header('host')) ? next() : c.text('only on this box', 403)));
  mount?.(app);
  if (probe) probeRoutes(app, probe);
  app.get('/', (c) => c.html(asset('index.html')));
  app.get('/assets/:name{[a-z-]+\\.(js|css)}', (c) => {
    const name = c.req.param('name');
    if (!ASSET_NAMES.has(name)) return c.notFound();
    c.header('Content-Type', ASSETS[name.split('.')[1] ?? '']);
    return c.body(asset(name));
  });
  app.get('/api/view', (c) => c.json(view()));
  if (act) actRoutes(app, act);
  if (staff) organiserRoutes(app, staff, () => asset('organiser.html'));
  app.get('/events', (c) => {
    if (listeners.size >= MOST_PAGES) return c.text('too many pages', 503);
    return streamSSE(c, (stream) => pump(stream, listeners, view));
  });
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    changed: () => {
      for (const wake of listeners) wake();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

interface Stream {
  writeSSE(message: { event: string; data: string }): Promise<void>;
  onAbort(listener: () => void): void;
}

/** Writes the newest view whenever it changed, and every few seconds; views between two writes are skipped, not queued. */
async function pump(stream: Stream, listeners: Set<() => void>, view: () => TerminalView): Promise<void> {
  let open = true;
  let wake = (): void => undefined;
  const listener = (): void => wake();
  listeners.add(listener);
  stream.onAbort(() => {
    open = false;
    wake();
  });
  try {
    while (open) await writeOnce(stream, view, (next) => (wake = next));
  } finally {
    listeners.delete(listener);
  }
}

async function writeOnce(stream: Stream, view: () => TerminalView, onWake: (wake: () => void) => void): Promise<void> {
  const changed = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, HEARTBEAT_MS);
    onWake(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  await stream.writeSSE({ event: 'view', data: JSON.stringify(view()) });
  await changed;
}

/** A foreign name that resolves to this box (DNS rebinding) gets nothing. */
function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
}

/** Read at each request: they are few, small and local, and the page never shows an old build. */
function asset(name: string): string {
  return readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8');
}
