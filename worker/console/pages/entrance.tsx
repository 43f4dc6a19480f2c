// The way in and out: sign-in, sign-up, invitations, new passwords. Every form works without JavaScript.

import { type Context, Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { isSameOrigin } from '../../account/same-origin.ts';
import { readSession } from '../../account/session.ts';
import { askNewPassword, setNewPassword, signIn, signOut } from '../../account/sign-in.ts';
import { hasUsers, signUp } from '../../account/sign-up.ts';
import { acceptInvitation, findInvitation } from '../../directory/invitations.ts';
import { findOrganisation } from '../../directory/organisations.ts';
import { membershipsOf } from '../../directory/people.ts';
import { type Refusal, refuse } from '../../directory/refusal.ts';
import type { Env } from '../../env.ts';
import { page } from '../answer.tsx';
import { readForm, Typed } from '../form.ts';
import { ownPath } from '../own-path.ts';
import { Button } from '../parts/button.tsx';
import { Door } from '../parts/door.tsx';
import { Input } from '../parts/field.tsx';
import { Notice, Refused } from '../parts/notice.tsx';
import { themeOf } from '../theme.ts';

type EntranceContext = Context<{ Bindings: Env }>;

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
  if (!entered.ok) return signInPage(c, refused(form, entered.refusal), 422);
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
  if (!entered.ok) return signUpPage(c, refused(form, entered.refusal), 422);
  return goOn(c, `/o/${encodeURIComponent(entered.value.organisation)}/`, entered.value.cookies);
});

entrance.get('/forgot-password', (c) => forgotPage(c, new Typed('forgot'), false));

entrance.post('/forgot-password', async (c) => {
  const form = await ownForm(c, 'forgot');
  if (form.refused) return forgotPage(c, form, false, 403);
  const asked = await askNewPassword(c.env, c.req.raw, form.value('email'), Date.now());
  return asked.ok ? forgotPage(c, form, true) : forgotPage(c, refused(form, asked.refusal), false, 422);
});

entrance.get('/reset-password', (c) => {
  return resetPage(c, new Typed('reset', new Map([['token', [c.req.query('token') ?? '']]])));
});

entrance.post('/reset-password', async (c) => {
  const form = await ownForm(c, 'reset');
  if (form.refused) return resetPage(c, form, 403);
  const set = await setNewPassword(c.env, c.req.raw, { token: form.value('token'), password: form.value('password') });
  return set.ok ? c.redirect('/sign-in?note=password-changed', 303) : resetPage(c, refused(form, set.refusal), 422);
});

entrance.get('/invitation/:token', (c) => invitationPage(c, null));

entrance.post('/invitation/:token', async (c) => {
  const session = await readSession(c.env, c.req.raw);
  if (!session || !isSameOrigin(c.env, c.req.raw)) return invitationPage(c, null);
  const accepted = await acceptInvitation(c.env.DB, c.req.param('token'), session.user, Date.now());
  if (!accepted.ok) return invitationPage(c, accepted.refusal, 422);
  return c.redirect(`/o/${encodeURIComponent(accepted.value.organisation)}/?note=joined`, 303);
});

function signInPage(c: EntranceContext, form: Typed, status: 200 | 403 | 422 = 200) {
  const back = ownPath(form.value('back', c.req.query('back') ?? '/'));
  return door(
    c,
    { title: 'Sign in', back: `/sign-in?${new URLSearchParams({ back })}`, status },
    <>
      <h1>Sign in</h1>
      <Refused refusal={form.overall} />
      <form class="form" method="post" action="/sign-in">
        <input type="hidden" name="back" value={back} />
        <Input form={form} name="email" label="E-mail" type="email" autocomplete="username webauthn" required />
        <Input form={form} name="password" label="Password" type="password" autocomplete="current-password" required />
        <Button kind="main-one" whole>
          Sign in
        </Button>
      </form>
      <button type="button" class="button whole" data-passkey="sign-in" data-back={back} hidden>
        Sign in with a passkey
      </button>
      <p class="small soft" role="status" data-passkey-says />
      <p class="small soft">
        <a href="/forgot-password">Forgot your password?</a> · <a href="/sign-up">Sign up</a>
      </p>
    </>,
  );
}

async function signUpPage(c: EntranceContext, form: Typed, status: 200 | 403 | 422 = 200) {
  const invitation = form.value('invitation');
  const first = form.value('first');
  const isOpen = c.env.SIGN_UP === 'open';
  const isFirst = !(await hasUsers(c.env.DB));
  const makes = invitation === '' && first === '' && isOpen && !isFirst;
  const isClosed = invitation === '' && first === '' && !makes;
  return door(
    c,
    { title: 'Sign up', back: '/sign-up', status },
    <>
      <h1>{first !== '' || isFirst ? 'Make the first account' : 'Sign up'}</h1>
      <Refused refusal={form.overall} />
      {isClosed && isFirst && (
        <Notice>
          <p>Nobody has an account here yet.</p>
          <p>
            The first one is made by the operator, with the link that <code>npm start</code> shows or{' '}
            <code>npx culvert first-account</code> prints.
          </p>
        </Notice>
      )}
      {isClosed && !isFirst && (
        <Notice>
          <p>Here one signs up by invitation only.</p>
          <p>Ask an owner or admin of your organisation for a link.</p>
        </Notice>
      )}
      {!isClosed && (
        <form class="form" method="post" action="/sign-up">
          <input type="hidden" name="invitation" value={invitation} />
          <input type="hidden" name="first" value={first} />
          <Input form={form} name="name" label="Your name" autocomplete="name" required />
          <Input form={form} name="email" label="E-mail" type="email" autocomplete="username" required />
          <Input
            form={form}
            name="password"
            label="Password"
            type="password"
            hint="At least 10 characters. A few words that do not belong together are good."
            autocomplete="new-password"
            required
          />
          {makes && (
            <Input
              form={form}
              name="organisation"
              label="Organisation"
              hint="What your team or company is called."
              autocomplete="organization"
              required
            />
          )}
          <Button kind="main-one" whole>
            Make the account
          </Button>
        </form>
      )}
      <p class="small soft">
        <a href="/sign-in">You have an account? Sign in</a>
      </p>
    </>,
  );
}

function forgotPage(c: EntranceContext, form: Typed, asked: boolean, status: 200 | 403 | 422 = 200) {
  return door(
    c,
    { title: 'A new password', back: '/forgot-password', status },
    <>
      <h1>A new password</h1>
      <Refused refusal={form.overall} />
      {asked ? (
        <Notice tone="good">
          <p>If there is an account with this address, a link is on its way to it.</p>
          <p>It works for an hour. On a gateway without mail the link stands in its log.</p>
        </Notice>
      ) : (
        <form class="form" method="post" action="/forgot-password">
          <Input form={form} name="email" label="E-mail" type="email" autocomplete="username" required />
          <Button kind="main-one" whole>
            Send a link
          </Button>
        </form>
      )}
      <p class="small soft">
        <a href="/sign-in">Back to sign-in</a>
      </p>
    </>,
  );
}

function resetPage(c: EntranceContext, form: Typed, status: 200 | 403 | 422 = 200) {
  return door(
    c,
    { title: 'Choose a new password', back: '/', status },
    <>
      <h1>Choose a new password</h1>
      <Refused refusal={form.overall} />
      <form class="form" method="post" action="/reset-password">
        <input type="hidden" name="token" value={form.value('token')} />
        <Input
          form={form}
          name="password"
          label="New password"
          type="password"
          hint="At least 10 characters."
          autocomplete="new-password"
          required
        />
        <Button kind="main-one" whole>
          Set the password
        </Button>
      </form>
    </>,
  );
}

async function invitationPage(c: EntranceContext, wrong: Refusal | null, status: 200 | 422 = 200) {
  const token = c.req.param('token') ?? '';
  const found = await findInvitation(c.env.DB, token, Date.now());
  const session = await readSession(c.env, c.req.raw);
  const here = `/invitation/${encodeURIComponent(token)}`;
  const organisation = found.ok ? await findOrganisation(c.env.DB, found.value.organisation) : null;
  return door(
    c,
    { title: 'Invitation', back: here, status: found.ok ? status : 422 },
    found.ok ? (
      <>
        <h1>Join {organisation?.name}</h1>
        <Refused refusal={wrong} />
        <p>
          {found.value.email} is invited as {found.value.role}.
        </p>
        {session ? (
          <form method="post" action={here}>
            <Button kind="main-one" whole>
              Join as {session.user.email}
            </Button>
          </form>
        ) : (
          <>
            <a class="button main-one whole" href={`/sign-up?${new URLSearchParams({ invitation: token })}`}>
              Make an account
            </a>
            <a class="button whole" href={`/sign-in?${new URLSearchParams({ back: here })}`}>
              Sign in to an account you have
            </a>
          </>
        )}
      </>
    ) : (
      <>
        <h1>Invitation</h1>
        <Refused refusal={found.refusal} />
      </>
    ),
  );
}

/** Signed in, and part of nothing. */
function outside(c: EntranceContext, email: string) {
  return door(
    c,
    { title: 'No organisation', back: '/', status: 200 },
    <>
      <h1>You belong to no organisation</h1>
      <p>
        You are signed in as {email}. Ask whoever invited you for a new invitation, and open its link in this browser.
      </p>
      <form method="post" action="/sign-out">
        <Button>Sign out</Button>
      </form>
    </>,
  );
}

interface DoorWords {
  readonly title: string;
  readonly back: string;
  readonly status: 200 | 403 | 422;
}

function door(c: EntranceContext, { title, back, status }: DoorWords, children: Child): Promise<Response> {
  const note = c.req.query('note') ?? null;
  return page(
    c,
    <Door title={title} theme={themeOf(c)} note={note} back={back}>
      {children}
    </Door>,
    status,
  );
}

/** What was typed; refused when the form is not one of ours. */
async function ownForm(c: EntranceContext, id: string): Promise<Typed> {
  const form = await readForm(c.req.raw, id);
  if (isSameOrigin(c.env, c.req.raw)) return form;
  return refused(
    form,
    refuse('foreign-request', 'The form does not come from this console.', 'Send it again from here.').refusal,
  );
}

function refused(form: Typed, refusal: Refusal): Typed {
  return form.refuse(refusal);
}

function goOn(c: EntranceContext, path: string, cookies: readonly string[]): Response {
  const response = c.redirect(path, 303);
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}
