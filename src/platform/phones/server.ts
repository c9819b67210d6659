/**
 * The county's page for phones: `GET /V/<code>` shows what a venue code is of and a form, `POST /V/<code>` registers. On the loopback only: in
 * production a front proxy with TLS stands before it, on the same machine, and says the phone's address in X-Forwarded-For.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono, type Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import type { Log } from '../../contracts.js';
import type { Offer } from './_offer.js';
import { donePage, formPage, sayPage, TROUBLES, type Trouble, troublePage } from './page.js';
import { createRate } from './rate.js';
import { type Parts, register, type Sent } from './register.js';
import { readVenue } from './venue-read.js';
import { createVisits, type Visits } from './visits.js';

export interface PhonesParts extends Parts {
  readonly region: string;
  /** Of the county: forms are bound by a key made of it. */
  readonly key: Uint8Array;
  /** Something new is registered. */
  readonly registered: () => void;
  readonly log: Log;
}

export interface PhonesServer {
  readonly url: string;
  stop(): Promise<void>;
}

const OFFERS = new URL('offers/', import.meta.url);
const POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const LARGEST_FORM = 8192;
const COOKIE = 'phone';
const BROWSER_S = 86_400;
/** Behind one address may stand everybody at a market: what is bounded is what one could do to the others. */
const VIEWS = { each: 120, all: 6000 };
const FORMS = { each: 30, all: 1200 };

/** @throws when the port is taken. 0: any free one. */
export async function startPhones(parts: PhonesParts, port: number): Promise<PhonesServer> {
  const app = routes(parts, await loadOffers());
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

/** By scene. */
async function loadOffers(): Promise<ReadonlyMap<string, Offer>> {
  const names = readdirSync(OFFERS).flatMap((file) => /^([a-z][a-z-]*)\.js$/.exec(file)?.[1] ?? []);
  const load = async (name: string) => [name, ((await import(new URL(`${name}.js`, OFFERS).href)) as { default: Offer }).default] as const;
  return new Map(await Promise.all(names.map(load)));
}

function routes(parts: PhonesParts, offers: ReadonlyMap<string, Offer>): Hono {
  const app = new Hono();
  const visits = createVisits(parts.key);
  app.use(headers);
  app.notFound((c) => trouble(c, 'missing'));
  app.onError((error, c) => {
    parts.log.error('phones', { error: error.message });
    return trouble(c, 'fault');
  });
  const style = readFileSync(new URL('../assets/phones.css', import.meta.url), 'utf8');
  app.get('/phones.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  const show = shower(parts, offers, visits);
  const take = taker(parts, offers, visits);
  app.get('/V/:code', limited(createRate(VIEWS), parts), show);
  app.post(
    '/V/:code',
    limited(createRate(FORMS), parts),
    bodyLimit({ maxSize: LARGEST_FORM, onError: (c) => trouble(c, 'too-large') }),
    take,
  );
  return app;
}

async function headers(c: Context, next: Next): Promise<void> {
  c.header('Content-Security-Policy', POLICY);
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('X-Frame-Options', 'DENY');
  c.header('Referrer-Policy', 'same-origin');
  c.header('Cache-Control', 'no-store');
  await next();
}

const trouble = (c: Context, what: Trouble) => c.html(troublePage(what), TROUBLES[what].status);

const limited =
  (rate: ReturnType<typeof createRate>, { now }: PhonesParts) =>
  async (c: Context, next: Next): Promise<Response | void> =>
    rate.allows(addressOf(c), now()) ? next() : trouble(c, 'too-many');

/** Only this machine reaches the port: the last address is the proxy's word. */
function addressOf(c: Context): string {
  const said = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
  return said && said.length <= 64 ? said : (getConnInfo(c).remote.address ?? '');
}

interface Opened extends Pick<Sent, 'venue' | 'offer' | 'form'> {
  readonly code: string;
}

/** What the code is of and its form; else the page that says why not. */
async function opened(c: Context, { store, region, now }: PhonesParts, offers: ReadonlyMap<string, Offer>): Promise<Opened | Response> {
  const code = c.req.param('code') ?? '';
  const venue = await readVenue(code, { store, region, now: now() });
  if (typeof venue === 'string') return trouble(c, venue);
  const offer = offers.get(venue.claims.scene);
  if (!offer) return trouble(c, 'not-for-phones');
  const form = await offer.form({ ...venue, store, now: now() });
  return 'closed' in form ? c.html(sayPage(form.closed), 409) : { code, venue, offer, form };
}

function shower(parts: PhonesParts, offers: ReadonlyMap<string, Offer>, visits: Visits) {
  return async (c: Context): Promise<Response> => {
    const found = await opened(c, parts, offers);
    if (found instanceof Response) return found;
    const known = getCookie(c, COOKIE);
    const browser = visits.isBrowser(known) ? known : visits.newBrowser();
    const secure = c.req.header('x-forwarded-proto') === 'https';
    setCookie(c, COOKIE, browser, { httpOnly: true, sameSite: 'Strict', secure, path: '/V', maxAge: BROWSER_S });
    const { code, venue, form } = found;
    return c.html(formPage({ venue, form, ...visits.begin(browser, code), asks: parts.identity.asks, values: {}, faults: {} }));
  };
}

function taker(parts: PhonesParts, offers: ReadonlyMap<string, Offer>, visits: Visits) {
  return async (c: Context): Promise<Response> => {
    if (!isOurs(c)) return trouble(c, 'stale-page');
    const found = await opened(c, parts, offers);
    if (found instanceof Response) return found;
    const values = await valuesOf(c);
    const { visit = '', proof = '', who: typed = '' } = values;
    const { code, venue, form } = found;
    const id = visits.find({ browser: getCookie(c, COOKIE) ?? '', code, visit, proof });
    if (!id) return trouble(c, 'stale-page');
    const asked = { typed, header: (name: string) => c.req.header(name) };
    const became = await register({ ...found, visit: id, values, asked }, parts);
    if ('faults' in became)
      return c.html(formPage({ venue, form, visit, proof, asks: parts.identity.asks, values, faults: became.faults }), 422);
    if (!became.again) {
      parts.log.info('phone-registered', { terminal: venue.terminal.id, scene: venue.claims.scene, number: became.number });
      parts.registered();
    }
    return c.html(donePage({ venue, ...became }));
  };
}

/** Another page's form says where it comes from; the visit's proof is what no other page has. */
function isOurs(c: Context): boolean {
  const [origin, site] = [c.req.header('origin'), c.req.header('sec-fetch-site')];
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === c.req.header('host'));
}

/** Fields of the form by name, text alone; of two under one name the last. */
async function valuesOf(c: Context): Promise<Readonly<Record<string, string>>> {
  if (!c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')) return {};
  return Object.fromEntries(new URLSearchParams(await c.req.text()));
}
