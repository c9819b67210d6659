/**
 * Routes of the page for organisers and clerks: a session by the code that a desk showed, held in a cookie that scripts cannot read; the view
 * as server-sent events; a list in, tables out. Everything but the page itself asks for the session.
 */
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { StaffRole } from '../contracts.js';
import { writeCsv } from '../messages/csv.js';
import { MEETING_ID } from '../messages/meeting.js';
import { isOurs } from './act.js';
import type { StaffPage } from './organiser-view.js';
import { attendanceTable, type Row, reportTable } from './tables.js';
import { writeXlsx } from './xlsx.js';

const COOKIE = 'ankang-staff';
const CODE = z.strictObject({ code: z.string().regex(/^\d{8}$/) });
/** 5,000 lines of name and number. */
const LARGEST_LIST = 1 << 20;
/** As often as eyes follow; and at least so often, so that a page that is left alone is noticed. */
const LEAST_MS = 1000;
const MOST_MS = 5000;
const MOST_STREAMS = 8;
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export function organiserRoutes(app: Hono, page: StaffPage, html: () => string): void {
  app.get('/organiser', (c) => c.html(html()));
  app.get('/clerk', (c) => c.html(html()));

  app.use('/api/staff/*', async (c, next) => {
    c.header('Cache-Control', 'no-store');
    return isOurs(c) ? next() : c.text('from another page', 403);
  });
  app.post('/api/staff/session', bodyLimit({ maxSize: 1024 }), async (c) => {
    if (c.req.header('content-type') !== 'application/json') return c.text('json only', 415);
    const code = CODE.safeParse(await c.req.json().catch(() => undefined));
    const begun = code.data && page.begin(code.data.code);
    if (!begun) return c.text('no such code', 403);
    setCookie(c, COOKIE, begun.token, { httpOnly: true, sameSite: 'Strict', path: '/api/staff', maxAge: begun.seconds });
    return c.body(null, 204);
  });
  app.delete('/api/staff/session', (c) => {
    page.end(getCookie(c, COOKIE) ?? '');
    deleteCookie(c, COOKIE, { path: '/api/staff' });
    return c.body(null, 204);
  });
  staffRoutes(app, page);
}

function staffRoutes(app: Hono, page: StaffPage): void {
  const roleOf = (c: Context): StaffRole | undefined => page.role(getCookie(c, COOKIE) ?? '');
  /** `work` is for those of that role only. */
  const as =
    (role: StaffRole, work: (c: Context) => Response | Promise<Response>) =>
    (c: Context): Response | Promise<Response> => {
      const mine = roleOf(c);
      if (mine === undefined) return c.text('sign in at the desk', 401);
      return mine === role ? work(c) : c.text('not for this role', 403);
    };
  let streams = 0;

  app.get('/api/staff/view', (c) => {
    const role = roleOf(c);
    return role === undefined ? c.text('sign in at the desk', 401) : c.json(page.view(role, meetingOf(c)));
  });
  app.get('/api/staff/events', (c) => {
    if (roleOf(c) === undefined) return c.text('sign in at the desk', 401);
    if (streams >= MOST_STREAMS) return c.text('too many pages', 503);
    const token = getCookie(c, COOKIE) ?? '';
    const meeting = meetingOf(c);
    streams++;
    return streamSSE(c, async (stream) => {
      const pace = createPace(page);
      stream.onAbort(() => pace.stop());
      try {
        for (let role = page.role(token); role !== undefined && !pace.stopped; role = page.role(token)) {
          await stream.writeSSE({ event: 'view', data: JSON.stringify(page.view(role, meeting)) });
          await pace.next();
        }
      } finally {
        pace.stop();
        streams--;
      }
    });
  });
  app.post(
    '/api/staff/meeting/:meeting/list',
    bodyLimit({ maxSize: LARGEST_LIST }),
    as('organiser', async (c) => {
      if (c.req.header('content-type') !== 'text/csv') return c.text('csv only', 415);
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      return page.load(meetingOf(c) ?? '', bytes) ? c.body(null, 202) : c.text('not now', 409);
    }),
  );
  app.delete(
    '/api/staff/meeting/:meeting/list',
    as('organiser', (c) => {
      page.forgetNames(meetingOf(c) ?? '');
      return c.body(null, 204);
    }),
  );
  app.post(
    '/api/staff/meeting/:meeting/close',
    as('organiser', (c) => (page.close(meetingOf(c) ?? '') ? c.body(null, 204) : c.text('not now', 409))),
  );
  app.get(
    '/api/staff/meeting/:meeting/:file{attendance\\.(csv|xlsx)}',
    as('organiser', (c) => {
      const { meeting } = page.view('organiser', meetingOf(c));
      return meeting ? table(c, meeting.title, attendanceTable(meeting)) : c.text('no such meeting', 404);
    }),
  );
  app.get(
    '/api/staff/:file{report\\.(csv|xlsx)}',
    as('clerk', async (c) => table(c, 'report', reportTable(await page.report(daysOf(c))))),
  );
  app.get(
    '/api/staff/report',
    as('clerk', async (c) => c.json(await page.report(daysOf(c)))),
  );
}

function meetingOf(c: Context): string | undefined {
  const id = c.req.param('meeting') ?? c.req.query('meeting');
  return id !== undefined && MEETING_ID.test(id) ? id : undefined;
}

/** Today, seven days, thirty-one. */
function daysOf(c: Context): number {
  const days = Number(c.req.query('days') ?? 1);
  return Number.isInteger(days) && days >= 1 && days <= 31 ? days : 1;
}

function table(c: Context, name: string, rows: readonly Row[]): Response {
  const file = c.req.param('file') ?? '';
  c.header('Content-Disposition', `attachment; filename="${file}"`);
  if (file.endsWith('.csv')) {
    c.header('Content-Type', 'text/csv; charset=utf-8');
    return c.body(writeCsv(rows));
  }
  c.header('Content-Type', XLSX);
  return c.body(Uint8Array.from(writeXlsx(name, rows)).buffer);
}

/** When the view is to be written next: soon after a change, and now and then. */
function createPace(page: StaffPage): { readonly stopped: boolean; next(): Promise<void>; stop(): void } {
  let stopped = false;
  let dirty = false;
  let wake = (): void => undefined;
  const off = page.onChange(() => {
    dirty = true;
    wake();
  });
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        if (!dirty && !stopped) return;
        clearTimeout(timer);
        resolve();
      };
      wake();
    });
  return {
    get stopped() {
      return stopped;
    },
    async next() {
      if (dirty) await new Promise((resolve) => setTimeout(resolve, LEAST_MS));
      else await wait(MOST_MS);
      dirty = false;
    },
    stop() {
      stopped = true;
      off();
      wake();
    },
  };
}
