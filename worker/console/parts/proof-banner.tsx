// Asks for the proof of the visitor's address until it is given.

import { linkTo, type Place } from '../place.ts';
import { Notice } from './notice.tsx';

export function ProofBanner({ place }: { readonly place: Place }) {
  if (!place.session.isToProve) return null;
  return (
    <Notice>
      <p>
        Open the link that was mailed to {place.session.user.email}: until then, nobody is sent mails in your name, and
        links to invitations are for you to hand over.
      </p>
      <form method="post" action="/verify-email/again">
        <input type="hidden" name="back" value={linkTo(place, place.path)} />
        <button type="submit" class="button slim">
          Send again
        </button>
      </form>
    </Notice>
  );
}
