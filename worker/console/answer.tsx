// Answers of the console: pages under a strict policy, redirects after forms, and what is said when something is not there.

import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Note } from './notes.ts';
import { Door } from './parts/door.tsx';
import { linkTo, type ConsoleContext } from './place.ts';
import { themeOf } from './theme.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Headers of every page; nothing of it is kept by anybody on the way. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'Cache-Control': 'no-store',
};

// biome-ignore lint/suspicious/noExplicitAny: any route may answer with a page.
export async function page(c: Context<any>, body: Child, status: ContentfulStatusCode = 200): Promise<Response> {
  // Parts that wait for something make the whole a promise of a text.
  const text = (await body)?.toString() ?? '';
  return c.html(await text, status);
}

/** After a form: the page that shows what came of it, so that loading it again changes nothing. */
export function goTo(
  c: ConsoleContext,
  path: string,
  note: Note | null = null,
  query: Readonly<Record<string, string>> = {},
): Response {
  return c.redirect(linkTo(c.var.place, path, { ...query, note }), 303);
}

/** The same for what is not there and for what belongs to somebody else. */
// biome-ignore lint/suspicious/noExplicitAny: any route may find nothing.
export function nothingHere(c: Context<any>): Promise<Response> {
  return page(
    c,
    <Door title="Nothing here" theme={themeOf(c)} back="/">
      <h1>There is nothing here</h1>
      <p>The page does not exist, or it belongs to an organisation that you are not part of.</p>
      <p>
        <a href="/">Go to the start</a>
      </p>
    </Door>,
    404,
  );
}

/** @param id stands in the log too. */
// biome-ignore lint/suspicious/noExplicitAny: any route may fail.
export function failed(c: Context<any>, id: string): Promise<Response> {
  return page(
    c,
    <Door title="Something failed" theme={themeOf(c)} back="/">
      <h1>Something failed that should not have</h1>
      <p>Nothing of what you did last may have been kept. Go back and try again.</p>
      <p>
        If it stays so, tell whoever runs this deployment the number <code>{id}</code>: it stands in the log.
      </p>
    </Door>,
    500,
  );
}
