// /auth: accounts, sessions and passkeys by HTTP. Only what is named here is reachable of better-auth.

import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { acceptInvitation } from '../directory/invitations.ts';
import { membershipsOf } from '../directory/people.ts';
import { type Refusal, refuse } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { statusOf } from './http-status.ts';
import { passkeyLimit } from './limits.ts';
import { proveAddress, sendProofAgain } from './proof-of-address.ts';
import { isSameOrigin } from './same-origin.ts';
import { authFor, readSession } from './session.ts';
import { askNewPassword, setNewPassword, signIn, signOut } from './sign-in.ts';
import { signUp } from './sign-up.ts';

type AuthContext = Context<{ Bindings: Env }>;

export const authRoutes = new Hono<{ Bindings: Env }>();

const LARGEST_BODY = 16_384;

/** What better-auth answers itself: passkeys, and what users do with their own sessions and password. */
export const PASSED_ON: readonly string[] = [
  'GET /auth/passkey/generate-authenticate-options',
  'POST /auth/passkey/verify-authentication',
  'GET /auth/passkey/generate-register-options',
  'POST /auth/passkey/verify-registration',
  'GET /auth/passkey/list-user-passkeys',
  'POST /auth/passkey/update-passkey',
  'POST /auth/passkey/delete-passkey',
  'GET /auth/list-sessions',
  'POST /auth/revoke-session',
  'POST /auth/revoke-other-sessions',
  'POST /auth/change-password',
];

authRoutes.use('*', async (c, next) => {
  c.header('Cache-Control', 'no-store');
  if (c.req.method === 'GET' || isSameOrigin(c.env, c.req.raw)) return next();
  const message = 'The request does not come from a page of this console.';
  return answer(c, refuse('foreign-request', message, 'Open the console, and do it there.').refusal);
});

authRoutes.use('*', bodyLimit({ maxSize: LARGEST_BODY, onError: tooLarge }));

authRoutes.post('/sign-up', async (c) => {
  const texts = await bodyTexts(c, ['name', 'email', 'password', 'organisation', 'invitation', 'first']);
  const entered = await signUp(c.env, c.req.raw, texts, Date.now());
  if (!entered.ok) return answer(c, entered.refusal);
  const { user, organisation, cookies } = entered.value;
  return withCookies(c.json({ user, organisation }, 201), cookies);
});

authRoutes.post('/sign-in', async (c) => {
  const entered = await signIn(c.env, c.req.raw, await bodyTexts(c, ['email', 'password']), Date.now());
  if (!entered.ok) return answer(c, entered.refusal);
  return withCookies(c.json({ user: entered.value.user }), entered.value.cookies);
});

authRoutes.post('/sign-out', async (c) => {
  return withCookies(c.json({ signedOut: true }), await signOut(c.env, c.req.raw));
});

authRoutes.get('/session', async (c) => {
  const session = await readSession(c.env, c.req.raw);
  if (!session) return c.json({ user: null, organisations: [] });
  const organisations = await membershipsOf(c.env.DB, session.user.id);
  return withCookies(c.json({ user: session.user, organisations }), session.cookies);
});

authRoutes.post('/forgot-password', async (c) => {
  const { email } = await bodyTexts(c, ['email']);
  const asked = await askNewPassword(c.env, c.req.raw, email, Date.now());
  return asked.ok ? c.json({ asked: true }) : answer(c, asked.refusal);
});

authRoutes.post('/reset-password', async (c) => {
  const set = await setNewPassword(c.env, c.req.raw, await bodyTexts(c, ['token', 'password']));
  return set.ok ? c.json({ changed: true }) : answer(c, set.refusal);
});

authRoutes.post('/send-verification', async (c) => {
  const session = await readSession(c.env, c.req.raw);
  if (!session) return answer(c, refuse('unauthorised', 'You are not signed in.', 'Sign in, or sign up.').refusal);
  const sent = await sendProofAgain(c.env, c.req.raw, session, Date.now());
  return sent.ok ? c.json({ asked: true }) : answer(c, sent.refusal);
});

authRoutes.post('/verify-email', async (c) => {
  const { token } = await bodyTexts(c, ['token']);
  const proved = await proveAddress(c.env, c.req.raw, token, Date.now());
  return proved.ok ? c.json({ proved: true }) : answer(c, proved.refusal);
});

authRoutes.post('/accept-invitation', async (c) => {
  const session = await readSession(c.env, c.req.raw);
  if (!session) return answer(c, refuse('unauthorised', 'You are not signed in.', 'Sign in, or sign up.').refusal);
  const { invitation } = await bodyTexts(c, ['invitation']);
  const accepted = await acceptInvitation(c.env.DB, invitation, session.user, Date.now());
  return accepted.ok ? c.json({ organisation: accepted.value.organisation }) : answer(c, accepted.refusal);
});

authRoutes.all('*', async (c) => {
  const { method, path } = c.req;
  if (PASSED_ON.includes(`${method} ${path}`)) {
    const over = await passkeyLimit(c.env, c.req.raw, Date.now());
    return over ? answer(c, over.refusal) : (await authFor(c.env, c.req.raw)).handler(c.req.raw);
  }
  return answer(c, refuse('not-found', `There is no ${method} ${path}.`, 'See docs/api.md.').refusal);
});

function tooLarge(c: Context): Response {
  const message = `The body is longer than ${LARGEST_BODY} octets.`;
  return answer(c, refuse('body-too-large', message, 'Send less.').refusal);
}

/** Texts of a JSON body by name; what is missing or no text is empty, and is refused by whoever needs it. */
async function bodyTexts<const N extends string>(c: AuthContext, names: readonly N[]): Promise<Record<N, string>> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(await c.req.text());
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // As good as empty.
  }
  const textOf = (name: N) => (typeof body[name] === 'string' ? body[name] : '');
  return Object.fromEntries(names.map((name) => [name, textOf(name)])) as Record<N, string>;
}

function answer(c: Context, { code, message, next, field }: Refusal): Response {
  return c.json({ error: { code, message, next, ...(field === undefined ? {} : { field }) } }, statusOf(code));
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}
