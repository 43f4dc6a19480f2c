// /p: what a one-time link leads to. Looking at the page uses nothing up; fetching the file does.

import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { linkLimit } from '../account/limits.ts';
import { profileDownload, profileSteps } from '../api/profile-file.ts';
import { memberTarget, recordChange } from '../directory/audit.ts';
import { findLink, linkVoid, takeLink } from '../directory/links.ts';
import { memberById } from '../directory/members.ts';
import type { Refusal } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { HandoutPage, VoidPage } from './page.tsx';
import { STYLE } from '../api/plain-style.ts';

export const handoutRoutes = new Hono<{ Bindings: Env }>();

handoutRoutes.use(
  '*',
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
  }),
);

handoutRoutes.get('/style.css', (c) => {
  return c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'max-age=86400' });
});

handoutRoutes.use('*', async (c, next) => {
  c.header('Cache-Control', 'no-store');
  const over = await linkLimit(c.env, c.req.raw, Date.now());
  return over ? refuseWith(c, over.refusal, 429) : next();
});

handoutRoutes.get('/:token', async (c) => {
  const token = c.req.param('token');
  const now = Date.now();
  const link = await findLink(c.env.DB, token, now);
  const found = link.ok ? await memberById(c.env.DB, link.value.organisation, link.value.member) : null;
  if (!link.ok || !found) return refuseWith(c, linkVoid().refusal, 410);
  const { network, record } = found;
  const { format, expiresAt } = link.value;
  const { extension, steps } = await profileSteps(c.env, network, record, format);
  const file = `/p/${token}/${encodeURIComponent(record.name)}.${extension}`;
  return c.html(<HandoutPage device={record.name} network={network.name} {...{ format, expiresAt, steps, file }} />);
});

handoutRoutes.get('/:token/:file', async (c) => {
  // Whoever only asks about the file has not fetched it.
  if (c.req.raw.method !== 'GET') return c.body(null, 405, { Allow: 'GET' });
  const now = Date.now();
  const source = c.req.header('CF-Connecting-IP') ?? '';
  const link = await takeLink(c.env.DB, c.req.param('token'), source, now);
  const found = link.ok ? await memberById(c.env.DB, link.value.organisation, link.value.member) : null;
  if (!link.ok || !found) return refuseWith(c, linkVoid().refusal, 410);
  const { network, record } = found;
  const { organisation, format, createdBy } = link.value;
  const download = await profileDownload(c.env, network, record, format, now);
  const target = memberTarget(record.kind, network, record.name);
  const change = { action: 'profile.fetch', target, before: null, after: { format, link: `of ${createdBy}` } };
  await recordChange(c.env.DB, { organisation, label: 'one-time link' }, change, now);
  return c.body(download.content.slice().buffer, 200, {
    'Content-Type': download.mime,
    'Content-Disposition': `attachment; filename="${download.name}"`,
  });
});

function refuseWith(c: Context, { message, next }: Refusal, status: 410 | 429): Response | Promise<Response> {
  return c.html(<VoidPage message={message} next={next} />, status);
}
