/** The county's board: what is counted and how the terminals are, as JSON, as events and as a page. Loopback only, nothing personal. */

import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Instant, Log } from '../contracts.js';
import { boardOf, reportOf } from './board-data.js';
import type { Board, SceneTitles } from './board-view.js';
import type { CountyStore } from './store.js';

const EVENT_EVERY_MS = 500;
const PING_MS = 20_000;
const MOST_WATCHERS = 32;

export interface BoardSettings {
  readonly port: number;
  readonly store: CountyStore;
  readonly region: string;
  /** What scenes are called; one without a title is shown by its name. */
  readonly titles?: SceneTitles;
  readonly now: () => Instant;
  /** Calls back after every change; returns how to stop that. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly log: Log;
}

export interface BoardServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws when the port is taken. */
export async function startBoard(settings: BoardSettings): Promise<BoardServer> {
  const stopping = new AbortController();
  const app = routes(settings, stopping.signal);
  const server = serve({ fetch: app.fetch, port: settings.port, hostname: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: async () => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

function routes({ store, region, titles = {}, now, subscribe, log }: BoardSettings, stopping: AbortSignal): Hono {
  const app = new Hono();
  const board = (): Promise<Board> => boardOf({ store, region, titles, now: now() });
  let watchers = 0;
  app.use(guard);
  app.onError((error, context) => {
    log.error('board', { error: error.message });
    return context.text('fault', 500);
  });
  app.get('/', (context) => context.html(asset('board.html')));
  app.get('/board.css', (context) => context.body(asset('board.css'), 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/board.js', (context) => context.body(asset('board.js'), 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/api/board', async (context) => context.json(await board()));
  app.get('/api/tallies', async (context) => context.json(await store.tallies(context.req.query('day'))));
  app.get('/api/report', async (context) => context.json(await reportOf(store, context.req.query('day'))));
  app.get('/api/events', (context) => {
    if (watchers >= MOST_WATCHERS) return context.text('too many watch', 503);
    return streamSSE(context, async (stream) => {
      watchers++;
      const changes = changesOf(subscribe, stopping);
      stream.onAbort(() => changes.end());
      try {
        while (!changes.ended) {
          await stream.writeSSE({ event: 'board', data: JSON.stringify(await board()) });
          await changes.next();
        }
      } finally {
        watchers--;
        changes.end();
      }
    });
  });
  return app;
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** For a browser of this machine that looks at the board itself: nobody frames it, and no page elsewhere reads from it. */
const guard: MiddlewareHandler = async (context, next) => {
  // A page elsewhere that makes its name resolve to the loopback would still send its own name here.
  const host = (context.req.header('host') ?? '').replace(/:\d+$/, '');
  if (host !== '127.0.0.1' && host !== 'localhost' && host !== '[::1]') return context.text('not here', 421);
  context.header('content-security-policy', POLICY);
  context.header('x-content-type-options', 'nosniff');
  context.header('x-frame-options', 'DENY');
  context.header('referrer-policy', 'no-referrer');
  context.header('cross-origin-resource-policy', 'same-origin');
  context.header('cross-origin-opener-policy', 'same-origin');
  context.header('cache-control', 'no-store');
  const site = context.req.header('sec-fetch-site');
  if (context.req.path.startsWith('/api/') && site !== undefined && site !== 'same-origin' && site !== 'none')
    return context.text('from another page', 403);
  return next();
};

/** At most one wake-up in EVENT_EVERY_MS, and one after PING_MS when nothing happens. */
function changesOf(subscribe: BoardSettings['subscribe'], stopping: AbortSignal) {
  let ended = stopping.aborted;
  let wake: (() => void) | undefined;
  let dirty = false;
  const unsubscribe = subscribe(() => {
    dirty = true;
    wake?.();
  });
  const end = (): void => {
    ended = true;
    unsubscribe();
    stopping.removeEventListener('abort', end);
    wake?.();
  };
  stopping.addEventListener('abort', end);
  const pause = (ms: number, until: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (until()) return resolve();
      const done = (): void => {
        if (!until()) return;
        clearTimeout(timer);
        wake = undefined;
        resolve();
      };
      const timer = setTimeout(() => {
        wake = undefined;
        resolve();
      }, ms);
      wake = done;
    });
  return {
    get ended() {
      return ended;
    },
    end,
    async next(): Promise<void> {
      await pause(EVENT_EVERY_MS, () => ended);
      await pause(PING_MS, () => ended || dirty);
      dirty = false;
    },
  };
}

function asset(name: 'board.html' | 'board.css' | 'board.js'): string {
  return readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8');
}
