// Sign-up: by invitation, by the operator's link for the first account, or open to all.

import { hasUsers } from '../../../account/sign-up.ts';
import type { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Input } from '../../parts/field.tsx';
import { Notice, Refused } from '../../parts/notice.tsx';
import { door, type EntranceContext } from './door.tsx';

export async function signUpPage(c: EntranceContext, form: Typed, status: 200 | 403 | 422 = 200) {
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
