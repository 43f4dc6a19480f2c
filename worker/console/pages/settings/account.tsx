// What belongs to whoever is signed in.

import type { Child } from 'hono/jsx';
import { Card, Facts } from '../../parts/card.tsx';
import { linkTo } from '../../place.ts';
import type { Shown } from './shown.ts';

export function account({ place }: Shown): Child {
  return (
    <div class="grid">
      <Card title="Passkeys">
        <p>A passkey signs you in with your device's own lock. It cannot be guessed, and nobody can phish it.</p>
        <div class="buttons">
          <button
            type="button"
            class="button main-one"
            data-passkey="add"
            data-back={linkTo(place, 'settings', { tab: 'account', note: 'saved' })}
            hidden
          >
            Add a passkey
          </button>
        </div>
        <p class="small soft" role="status" data-passkey-says />
      </Card>
      <Card title="You">
        <Facts
          facts={[
            ['Name', <bdi>{place.session.user.name}</bdi>],
            ['E-mail', place.session.user.email],
            ['Role here', place.organisation.role],
          ]}
        />
        <p>
          <a href="/forgot-password">Choose a new password</a>
        </p>
      </Card>
    </div>
  );
}
