// What can be done to a member, beside its name.

import { Button } from '../../parts/button.tsx';
import { Dialog, Opens } from '../../parts/dialog.tsx';
import { linkTo } from '../../place.ts';
import type { Shown } from './shown.ts';

export function Actions({ place, placed: { record }, standing }: Shown) {
  const base = `${record.kind}s/${record.id}`;
  const isOnline = standing.stage === 'online' || standing.stage === 'expiring';
  return (
    <>
      {isOnline && (
        <form method="post" action={linkTo(place, `devices/${record.id}/disconnect`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Button>Disconnect</Button>
        </form>
      )}
      <Opens id="revoke" href={linkTo(place, base, { tab: 'profiles' })} danger>
        Revoke…
      </Opens>
      <Dialog
        id="revoke"
        title={`Revoke ${record.name}?`}
        action={linkTo(place, `devices/${record.id}/revoke`)}
        csrf={place.csrf}
        yes="Revoke"
        danger
      >
        <p>
          It is cut off within a second, and its profile never works again. This cannot be undone: add it anew instead.
        </p>
      </Dialog>
    </>
  );
}
