// For who belongs to no organisation.

import { Button } from '../../parts/button.tsx';
import { door, type EntranceContext } from './door.tsx';

/** Signed in, and part of nothing. */
export function outside(c: EntranceContext, email: string) {
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
