// Who comes in: the session of the browser, the organisation of the path, the network of the query.

import { createMiddleware } from 'hono/factory';
import { sessionPrincipal, type Scope } from '../account/principal.ts';
import { foreignForm, formToken } from '../account/same-origin.ts';
import { readSession } from '../account/session.ts';
import { listNetworks } from '../directory/networks.ts';
import { membershipsOf } from '../directory/people.ts';
import { nothingHere } from './answer.tsx';
import type { Typed } from './form.ts';
import { readForm } from './form.ts';
import { type ConsoleContext, type ConsoleEnv, may } from './place.ts';
import { themeOf } from './theme.ts';

const LARGEST_FORM = 65_536;

/** Makes the place of everything below /o/ORG; who is not signed in is asked to, and comes back afterwards. */
export const enter = createMiddleware<ConsoleEnv>(async (c, next) => {
  const session = await readSession(c.env, c.req.raw);
  const url = new URL(c.req.url);
  if (!session) {
    const back = c.req.method === 'GET' ? `${url.pathname}${url.search}` : '/';
    return c.redirect(`/sign-in?${new URLSearchParams({ back })}`, 303);
  }
  const id = c.req.param('organisation');
  const organisations = await membershipsOf(c.env.DB, session.user.id);
  const organisation = organisations.find((each) => each.organisation === id);
  if (!organisation) return nothingHere(c);
  const networks = await listNetworks(c.env.DB, organisation.organisation);
  const asked = url.searchParams.get('network');
  const network = asked === null ? networks[0] : networks.find(({ name }) => name === asked);
  if (asked !== null && !network) return nothingHere(c);
  c.set('place', {
    session,
    principal: sessionPrincipal(organisation.organisation, organisation.role, session.user),
    organisation,
    organisations,
    networks,
    network: network ?? null,
    theme: themeOf(c),
    csrf: formToken(c.env, session),
    path: url.pathname.split('/').slice(3).join('/'),
    query: url.searchParams,
    now: Date.now(),
  });
  await next();
  for (const cookie of session.cookies) c.header('Set-Cookie', cookie, { append: true });
});

/** Lets whoever has the scope pass; a plain member finds nothing here. */
export function allowed(scope: Scope) {
  return createMiddleware<ConsoleEnv>(async (c, next) => (may(c.var.place, scope) ? next() : nothingHere(c)));
}

/** The form of one of our own pages, of this session; null for any other. */
export async function takeForm(c: ConsoleContext, id: string): Promise<Typed | null> {
  if (Number(c.req.header('Content-Length') ?? 0) > LARGEST_FORM) return null;
  const form = await readForm(c.req.raw, id);
  return foreignForm(c.env, c.req.raw, c.var.place.session, form.value('csrf')) === null ? form : null;
}
