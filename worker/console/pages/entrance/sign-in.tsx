// Sign-in, by password or passkey.

import type { Typed } from '../../form.ts';
import { ownPath } from '../../own-path.ts';
import { Button } from '../../parts/button.tsx';
import { Input } from '../../parts/field.tsx';
import { Refused } from '../../parts/notice.tsx';
import { door, type EntranceContext } from './door.tsx';

export function signInPage(c: EntranceContext, form: Typed, status: 200 | 403 | 422 = 200) {
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
