// /p: what a one-time link leads to. Looking at the page uses nothing up; fetching the file does.

import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import { linkLimit } from '../account/limits.ts';
import { type Handout, handout, knownFormat } from '../api/profile-file.ts';
import { type Change, memberTarget, recordChange } from '../directory/audit.ts';
import { findLink, type Link, linkVoid, takeLink } from '../directory/links.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { memberById } from '../directory/members.ts';
import type { Network } from '../directory/networks.ts';
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
  const link = await findLink(c.env.DB, token, Date.now());
  const found = link.ok ? await behind(c.env, token, link.value) : null;
  if (!link.ok || !found) return refuseWith(c, linkVoid().refusal, 410);
  const { network, record, made } = found;
  const file = `/p/${token}/${fileName(record.name, made)}`;
  const { format, steps, password } = made;
  const shown = { device: record.name, network: network.name, format: format.label, steps, password, file };
  return c.html(html`<!doctype html>${<HandoutPage {...shown} expiresAt={link.value.expiresAt} />}`);
});

handoutRoutes.get('/:token/:file', async (c) => {
  // Whoever only asks about the file has not fetched it.
  if (c.req.raw.method !== 'GET') return c.body(null, 405, { Allow: 'GET' });
  const now = Date.now();
  const token = c.req.param('token');
  const link = await takeLink(c.env.DB, token, c.req.header('CF-Connecting-IP') ?? '', now);
  const found = link.ok ? await behind(c.env, token, link.value) : null;
  if (!link.ok || !found) return refuseWith(c, linkVoid().refusal, 410);
  const { network, record, made } = found;
  const { organisation, format, createdBy } = link.value;
  const target = memberTarget(record.kind, network, record.name);
  const change: Change = { action: 'profile.fetch', target, before: null, after: { format, link: `of ${createdBy}` } };
  await recordChange(c.env.DB, { organisation, label: 'one-time link' }, change, now);
  const { mime, content } = made.make(now);
  return c.body(content.slice().buffer, 200, {
    'Content-Type': mime,
    'Content-Disposition': `attachment; filename="${fileName(record.name, made)}"`,
  });
});

interface Behind {
  readonly network: Network;
  readonly record: MemberRecord;
  readonly made: Handout;
}

/** null when the member was revoked since, or the format is not for it any more. */
async function behind(env: Env, token: string, link: Link): Promise<Behind | null> {
  const found = await memberById(env.DB, link.organisation, link.member);
  const format = knownFormat(link.format);
  if (!found || !format.ok) return null;
  const made = await handout(env, found.network, found.record, format.value, token);
  return made.ok ? { ...found, made: made.value } : null;
}

/** Names of members are letters, digits and hyphens. */
function fileName(member: string, { extension }: Handout): string {
  return `${member}.${extension}`;
}

function refuseWith(c: Context, { message, next }: Refusal, status: 410 | 429): Response | Promise<Response> {
  return c.html(html`<!doctype html>${<VoidPage message={message} next={next} />}`, status);
}
