// The way in and out: sign-in, sign-up, invitations, new passwords. Every form works without JavaScript.

import { Hono } from 'hono';
import { isSameOrigin } from '../../../account/same-origin.ts';
import { readSession } from '../../../account/session.ts';
import { askNewPassword, setNewPassword, signIn, signOut } from '../../../account/sign-in.ts';
import { hasUsers, signUp } from '../../../account/sign-up.ts';
import { acceptInvitation } from '../../../directory/invitations.ts';
import { membershipsOf } from '../../../directory/people.ts';
import type { Env } from '../../../env.ts';
import { Typed } from '../../form.ts';
import { ownPath } from '../../own-path.ts';
import type { EntranceContext } from './door.tsx';
import { invitationPage } from './invitation.tsx';
import { outside } from './outside.tsx';
import { ownForm } from './own-form.ts';
import { forgotPage, resetPage } from './password.tsx';
import { signInPage } from './sign-in.tsx';
import { signUpPage } from './sign-up.tsx';

export const entrance = new Hono<{ Bindings: Env }>();

entrance.get('/', async (c) => {
  const session = await readSession(c.env, c.req.raw);
  if (!session) return c.redirect((await hasUsers(c.env.DB)) ? '/sign-in' : '/sign-up', 303);
  const [first] = await membershipsOf(c.env.DB, session.user.id);
  return first ? c.redirect(`/o/${encodeURIComponent(first.organisation)}/`, 303) : outside(c, session.user.email);
});

entrance.get('/sign-in', (c) => signInPage(c, new Typed('sign-in')));

entrance.post('/sign-in', async (c) => {
  const form = await ownForm(c, 'sign-in');
  if (form.refused) return signInPage(c, form, 403);
  const entered = await signIn(
    c.env,
    c.req.raw,
    { email: form.value('email'), password: form.value('password') },
    Date.now(),
  );
  if (!entered.ok) return signInPage(c, form.refuse(entered.refusal), 422);
  return goOn(c, ownPath(form.value('back', '/')), entered.value.cookies);
});

entrance.post('/sign-out', async (c) => {
  if (!isSameOrigin(c.env, c.req.raw)) return c.redirect('/', 303);
  return goOn(c, '/sign-in?note=signed-out', await signOut(c.env, c.req.raw));
});

entrance.get('/sign-up', (c) => {
  const { invitation = '', first = '' } = c.req.query();
  return signUpPage(c, new Typed('sign-up', new Map(Object.entries({ invitation: [invitation], first: [first] }))));
});

entrance.post('/sign-up', async (c) => {
  const form = await ownForm(c, 'sign-up');
  if (form.refused) return signUpPage(c, form, 403);
  const texts = (['name', 'email', 'password', 'organisation', 'invitation', 'first'] as const).map(
    (name) => [name, form.value(name)] as const,
  );
  const input = Object.fromEntries(texts) as Record<(typeof texts)[number][0], string>;
  const entered = await signUp(c.env, c.req.raw, input, Date.now());
  if (!entered.ok) return signUpPage(c, form.refuse(entered.refusal), 422);
  return goOn(c, `/o/${encodeURIComponent(entered.value.organisation)}/`, entered.value.cookies);
});

entrance.get('/forgot-password', (c) => forgotPage(c, new Typed('forgot'), false));

entrance.post('/forgot-password', async (c) => {
  const form = await ownForm(c, 'forgot');
  if (form.refused) return forgotPage(c, form, false, 403);
  const asked = await askNewPassword(c.env, c.req.raw, form.value('email'), Date.now());
  return asked.ok ? forgotPage(c, form, true) : forgotPage(c, form.refuse(asked.refusal), false, 422);
});

entrance.get('/reset-password', (c) => {
  return resetPage(c, new Typed('reset', new Map([['token', [c.req.query('token') ?? '']]])));
});

entrance.post('/reset-password', async (c) => {
  const form = await ownForm(c, 'reset');
  if (form.refused) return resetPage(c, form, 403);
  const set = await setNewPassword(c.env, c.req.raw, { token: form.value('token'), password: form.value('password') });
  return set.ok ? c.redirect('/sign-in?note=password-changed', 303) : resetPage(c, form.refuse(set.refusal), 422);
});

entrance.get('/invitation/:token', (c) => invitationPage(c, null));

entrance.post('/invitation/:token', async (c) => {
  const session = await readSession(c.env, c.req.raw);
  if (!session || !isSameOrigin(c.env, c.req.raw)) return invitationPage(c, null);
  const accepted = await acceptInvitation(c.env.DB, c.req.param('token'), session.user, Date.now());
  if (!accepted.ok) return invitationPage(c, accepted.refusal, 422);
  return c.redirect(`/o/${encodeURIComponent(accepted.value.organisation)}/?note=joined`, 303);
});

function goOn(c: EntranceContext, path: string, cookies: readonly string[]): Response {
  const response = c.redirect(path, 303);
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}
