/** What a person touches at a desk, as it comes from the page: checked for shape, and that it was our own page that sent it. */
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { Acted, DeskAction } from '../contracts.js';

/** A form with every blank filled in by somebody who writes a lot. */
const LARGEST = 16 * 1024;

/** In a search: longer than any name that is looked for. */
const LONGEST_TYPED = 60;

const word = z.string().min(1).max(64);
const value = z.union([z.null(), z.boolean(), z.string().max(2000), z.record(word, z.string().max(2000))]);
const ACTION: z.ZodType<DeskAction> = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('opened') }),
  z.strictObject({ do: z.literal('start'), scene: word }),
  z.strictObject({ do: z.literal('answer'), visit: word, step: z.int().nonnegative(), value }),
  z.strictObject({ do: z.literal('type'), visit: word, step: z.int().nonnegative(), text: z.string().max(LONGEST_TYPED) }),
  z.strictObject({ do: z.literal('leave'), visit: word }),
  z.strictObject({ do: z.literal('stay'), visit: word }),
  z.strictObject({ do: z.literal('call-staff') }),
]);
const BODY = z.strictObject({ station: word, action: ACTION });

/** 204: done. 200: what was found for what was typed. 409: it does not fit what stands there now: the page shows that anyway. 400, 403, 404, 413, 415: not from our page. */
export function actRoutes(app: Hono, act: (station: string, action: DeskAction) => Acted | undefined): void {
  app.post('/api/act', bodyLimit({ maxSize: LARGEST }), async (c) => {
    if (!isOurs(c)) return c.text('from another page', 403);
    if (c.req.header('content-type') !== 'application/json') return c.text('json only', 415);
    const body = BODY.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return c.text('not an action', 400);
    const done = act(body.data.station, body.data.action);
    if (done === undefined) return c.text('no such desk', 404);
    if (typeof done === 'object') return c.json(done);
    return done ? c.body(null, 204) : c.text('not now', 409);
  });
}

/** Browsers say where a request comes from; a page elsewhere can send one here, but not say that it is ours. */
export function isOurs(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  return (site === undefined || site === 'same-origin') && (origin === undefined || origin === `http://${c.req.header('host') ?? ''}`);
}
