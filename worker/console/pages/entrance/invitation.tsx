// An invitation, and who accepts it.

import { readSession } from '../../../account/session.ts';
import { findInvitation } from '../../../directory/invitations.ts';
import { findOrganisation } from '../../../directory/organisations.ts';
import type { Refusal } from '../../../directory/refusal.ts';
import { Button } from '../../parts/button.tsx';
import { Refused } from '../../parts/notice.tsx';
import { door, type EntranceContext } from './door.tsx';

export async function invitationPage(c: EntranceContext, wrong: Refusal | null, status: 200 | 422 = 200) {
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
