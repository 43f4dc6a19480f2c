// People: who belongs to the organisation, as what, and who is invited.

import { Hono } from 'hono';
import { INVITATION_DAYS, listInvitations } from '../../directory/invitations.ts';
import { findPerson, listPeople, type Person } from '../../directory/people.ts';
import { goTo, page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { Button, CopyButton, LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Input, Select } from '../parts/field.tsx';
import { Notice, Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Pager, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may, type Place } from '../place.ts';
import { count } from '../words.ts';

export const people = new Hono<ConsoleEnv>();

const ROLES = [
  { value: 'member', label: 'member: only their own devices' },
  { value: 'auditor', label: 'auditor: sees everything, changes nothing' },
  { value: 'admin', label: 'admin: everything but owners' },
  { value: 'owner', label: 'owner: everything' },
];

people.get('/', (c) => peoplePage(c, new Typed('invite')));

people.post('/invite', allowed('people:write'), async (c) => {
  const form = await takeForm(c, 'invite');
  if (!form) return goTo(c, 'people');
  const made = await callApi<{ link: string; delivery: string }>(c, 'POST', '/invitations', {
    email: form.value('email').trim(),
    role: form.value('role', 'member'),
  });
  return made.ok
    ? peoplePage(c, new Typed('invite'), { ...made.value, email: form.value('email') })
    : peoplePage(c, form.refuse(made.refusal));
});

people.post('/invitations/:id/revoke', allowed('people:write'), async (c) => {
  if (!(await takeForm(c, 'revoke'))) return goTo(c, 'people');
  await callApi(c, 'DELETE', `/invitations/${part(c.req.param('id'))}`);
  return goTo(c, 'people', 'invitation-revoked');
});

people.post('/:user/role', allowed('people:write'), async (c) => {
  const form = await takeForm(c, 'role');
  if (!form) return goTo(c, 'people');
  const id = part(c.req.param('user'));
  const isRemoval = form.value('role') === 'remove';
  if (form.value('sure') !== 'yes') return surePage(c, c.req.param('user'), form.value('role'));
  const answer = isRemoval
    ? await callApi(c, 'DELETE', `/people/${id}`)
    : await callApi(c, 'PATCH', `/people/${id}`, { role: form.value('role') });
  if (!answer.ok) return peoplePage(c, new Typed('invite').refuse({ ...answer.refusal, field: 'person' }));
  return goTo(c, 'people', isRemoval ? 'person-removed' : 'role-changed');
});

/** Asks first, with who it is and what they lose or gain. */
async function surePage(c: ConsoleContext, user: string, role: string): Promise<Response> {
  const { place } = c.var;
  const found = await findPerson(c.env.DB, place.organisation.organisation, user);
  if (!found.ok) return peoplePage(c, new Typed('invite').refuse({ ...found.refusal, field: 'person' }));
  const { id, name, email, role: present } = found.value;
  const isRemoval = role === 'remove';
  if (!isRemoval && role === present) return goTo(c, 'people');
  const title = isRemoval ? `Remove ${name}?` : `Make ${name} ${role}?`;
  const may = ROLES.find(({ value }) => value === role)?.label;
  return page(
    c,
    <Shell place={place} title={title} room="people">
      <Heading title={title} back={{ href: linkTo(place, 'people'), label: 'People' }} lead={email} />
      <Card>
        {isRemoval ? (
          <p>
            They see nothing of {place.organisation.name} any more, at once. Their devices stay, and belong to nobody.
          </p>
        ) : (
          <p>
            They are {present} now. From then on, {may ?? role}.
          </p>
        )}
        {id === place.session.user.id && <p>This is you: you may not be able to take it back.</p>}
        <form method="post" action={linkTo(place, `people/${part(id)}/role`)} class="buttons">
          <input type="hidden" name="csrf" value={place.csrf} />
          <input type="hidden" name="role" value={role} />
          <input type="hidden" name="sure" value="yes" />
          <Button kind={isRemoval ? 'danger' : 'main-one'}>{isRemoval ? 'Remove' : 'Change the role'}</Button>
          <LinkButton href={linkTo(place, 'people')} kind="plain">
            Cancel
          </LinkButton>
        </form>
      </Card>
    </Shell>,
  );
}

interface Made {
  readonly link: string;
  readonly delivery: string;
  readonly email: string;
}

async function peoplePage(c: ConsoleContext, form: Typed, made: Made | null = null): Promise<Response> {
  const { place } = c.var;
  const after = place.query.get('after') ?? '';
  const id = place.organisation.organisation;
  const found = await listPeople(c.env.DB, id, after);
  const invitations = await listInvitations(c.env.DB, id, place.now);
  return page(
    c,
    <Shell place={place} title="People" room="people">
      <Heading title="People" lead={`Who belongs to ${place.organisation.name}, and what they may do.`} />
      <Refused refusal={form.overall} />
      {made && (
        <Notice tone="good">
          <p>
            {made.email} is invited
            {made.delivery === 'sent' ? ', and has a mail.' : '. Hand them this link: it is shown once.'}
            {made.delivery === 'withheld' && ' No mail went out, because your own address is not proved yet.'}
          </p>
          <p>
            <code data-link>{made.link}</code> <CopyButton text={made.link} what="the invitation" />
          </p>
        </Notice>
      )}
      <div class="grid wide-first">
        <Card flush>
          <Table<Person>
            caption="People"
            rows={found.people}
            columns={[
              {
                title: 'Who',
                names: true,
                cell: ({ name, email }) => (
                  <>
                    <bdi>{name}</bdi>
                    <p class="small soft">{email}</p>
                  </>
                ),
              },
              { title: 'Since', cell: ({ joinedAt }) => <Time at={joinedAt} now={place.now} as="day" /> },
              { title: 'Role', cell: (person) => <Role place={place} person={person} /> },
            ]}
          />
          <Pager
            shown={count(found.people.length, 'person', 'people')}
            first={after === '' ? null : linkTo(place, 'people')}
            next={found.next && linkTo(place, 'people', { after: found.next })}
          />
        </Card>
        <div class="stack">
          {may(place, 'people:write') && (
            <Card title="Invite somebody">
              <form class="form" method="post" action={linkTo(place, 'people/invite')}>
                <input type="hidden" name="csrf" value={place.csrf} />
                <Input form={form} name="email" label="E-mail" type="email" required />
                <Select
                  form={form}
                  name="role"
                  label="As"
                  options={ROLES}
                  hint={`The link works once, for ${INVITATION_DAYS} days.`}
                />
                <Button kind="main-one">Invite</Button>
              </form>
            </Card>
          )}
          <Card title="Invited" flush>
            {invitations.length === 0 && <p class="pad soft">Nobody is invited now.</p>}
            <ul class="checks">
              {invitations.map(({ id: invitation, email, role, expiresAt }) => (
                <li>
                  <span />
                  <div>
                    {email}
                    <p class="small soft">
                      {role}, until <Time at={expiresAt} now={place.now} as="day" />
                    </p>
                  </div>
                  {may(place, 'people:write') && (
                    <form method="post" action={linkTo(place, `people/invitations/${invitation}/revoke`)}>
                      <input type="hidden" name="csrf" value={place.csrf} />
                      <button
                        type="submit"
                        class="button plain slim"
                        aria-label={`Take back the invitation of ${email}`}
                      >
                        Take back
                      </button>
                    </form>
                  )}
                </li>
              ))}
            </ul>
          </Card>
        </div>
      </div>
    </Shell>,
    form.refused ? 422 : 200,
  );
}

function Role({ place, person }: { readonly place: Place; readonly person: Person }) {
  if (!may(place, 'people:write')) return <>{person.role}</>;
  return (
    <form class="buttons" method="post" action={linkTo(place, `people/${part(person.id)}/role`)}>
      <input type="hidden" name="csrf" value={place.csrf} />
      <select class="input" name="role" aria-label={`Role of ${person.name}`}>
        {['owner', 'admin', 'auditor', 'member'].map((role) => (
          <option value={role} selected={role === person.role}>
            {role}
          </option>
        ))}
        <option value="remove">remove…</option>
      </select>
      <button type="submit" class="button slim" aria-label={`Change the role of ${person.name}`}>
        Change
      </button>
    </form>
  );
}
