// What can be done to a member, beside its name.

import { Button } from '../../parts/button.tsx';
import { linkTo } from '../../place.ts';
import { Ask } from './ask.tsx';
import type { Shown } from './shown.ts';

export function Actions({ place, placed, standing }: Shown) {
  const { record } = placed;
  const isOnline = standing.stage === 'online' || standing.stage === 'expiring';
  return (
    <>
      {isOnline && (
        <form method="post" action={linkTo(place, `devices/${record.id}/disconnect`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Button>Disconnect</Button>
        </form>
      )}
      {record.suspendedAt !== null && (
        <form method="post" action={linkTo(place, `devices/${record.id}/resume`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Button kind="main-one">Resume</Button>
        </form>
      )}
      <Ask place={place} placed={placed} asked="suspend" />
      <Ask place={place} placed={placed} asked="revoke" />
    </>
  );
}
