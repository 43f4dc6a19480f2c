// My account: who one is here, and the passkeys that one signs in with. For everybody, whatever their role.

import { Hono } from 'hono';
import { removePasskey } from '../../account/passkeys.ts';
import { type Passkey, passkeysOf } from '../../directory/passkeys.ts';
import type { Refusal } from '../../directory/refusal.ts';
import { goTo, page } from '../answer.tsx';
import { part } from '../call.ts';
import { takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { Card, Facts } from '../parts/card.tsx';
import { Input } from '../parts/field.tsx';
import { Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, type Place } from '../place.ts';
import { systemOf } from '../systems.ts';

export const account = new Hono<ConsoleEnv>();

account.get('/', (c) => accountPage(c));

account.post('/passkeys/:id/remove', async (c) => {
  if (!(await takeForm(c, 'passkey'))) return goTo(c, 'account');
  const removed = await removePasskey(c.env, c.req.raw, c.req.param('id'));
  return removed.ok ? goTo(c, 'account', 'passkey-removed') : accountPage(c, removed.refusal);
});

async function accountPage(c: ConsoleContext, refusal: Refusal | null = null): Promise<Response> {
  const { place } = c.var;
  const passkeys = await passkeysOf(c.env.DB, place.session.user.id);
  const system = systemOf(c.req.header('User-Agent') ?? '').label;
  return page(
    c,
    <Shell place={place} title="My account" room="account">
      <Heading title="My account" lead={place.session.user.email} />
      <Refused refusal={refusal} />
      <div class="grid">
        <Card title="Passkeys" flush>
          <p class="pad soft">
            A passkey signs you in with your device's own lock. It cannot be guessed, and nobody can phish it.
          </p>
          <Passkeys place={place} passkeys={passkeys} />
          <AddPasskey place={place} name={system} />
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
    </Shell>,
    refusal === null ? 200 : 422,
  );
}

function Passkeys({ place, passkeys }: { readonly place: Place; readonly passkeys: readonly Passkey[] }) {
  return (
    <Table
      caption="Passkeys"
      none="You have none yet."
      rows={passkeys}
      columns={[
        { title: 'Name', names: true, cell: ({ name }) => <bdi>{name}</bdi> },
        {
          title: 'Added',
          cell: ({ createdAt }) => (createdAt === null ? '–' : <Time at={createdAt} now={place.now} as="day" />),
        },
        { title: 'Kept', cell: ({ isCopied }) => (isCopied ? 'also on your other devices' : 'on one device') },
        {
          title: '',
          end: true,
          cell: ({ id, name }) => (
            <form method="post" action={linkTo(place, `account/passkeys/${part(id)}/remove`)}>
              <input type="hidden" name="csrf" value={place.csrf} />
              <button type="submit" class="button plain slim" aria-label={`Remove the passkey ${name}`}>
                Remove
              </button>
            </form>
          ),
        },
      ]}
    />
  );
}

/** The browser makes it, so there is nothing to do here without JavaScript. */
function AddPasskey({ place, name }: { readonly place: Place; readonly name: string }) {
  return (
    <div class="form pad">
      <div class="form" data-needs-passkeys hidden>
        <Input form={new Typed('passkey')} name="name" label="Name of a new one" initial={name} />
        <div class="buttons">
          <button
            type="button"
            class="button main-one"
            data-passkey="add"
            data-back={linkTo(place, 'account', { note: 'passkey-added' })}
          >
            Add a passkey
          </button>
        </div>
      </div>
      <p class="small soft" data-lacks-passkeys>
        This browser cannot make passkeys, or JavaScript is switched off.
      </p>
      <p class="small" role="status" data-passkey-says />
    </div>
  );
}
