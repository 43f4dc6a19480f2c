// A new password: the link is asked for, then the password is set.

import type { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Input } from '../../parts/field.tsx';
import { Notice, Refused } from '../../parts/notice.tsx';
import { door, type EntranceContext } from './door.tsx';

export function forgotPage(c: EntranceContext, form: Typed, asked: boolean, status: 200 | 403 | 422 = 200) {
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

export function resetPage(c: EntranceContext, form: Typed, status: 200 | 403 | 422 = 200) {
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
