// One group: who is in it, and how it is filled, emptied, renamed and removed.

import { findGroup, type Group, type GroupMember, listGroupMembers } from '../../../directory/groups.ts';
import { nothingHere, page } from '../../answer.tsx';
import { part } from '../../call.ts';
import { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { TextArea, Input } from '../../parts/field.tsx';
import { Empty, Refused } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { Pager, Table } from '../../parts/table.tsx';
import { type ConsoleContext, linkTo, may, type Place } from '../../place.ts';
import { count } from '../../words.ts';

const PAGE = 50;

/** @param form whichever of the page's forms was refused. */
export async function groupPage(c: ConsoleContext, form = new Typed('none')): Promise<Response> {
  const { place } = c.var;
  const { network } = place;
  const found = network && (await findGroup(c.env.DB, network, c.req.param('group') ?? ''));
  if (!found?.ok) return nothingHere(c);
  const group = found.value;
  const after = place.query.get('after') ?? '';
  const { members, next } = await listGroupMembers(c.env.DB, group, { after, limit: PAGE });
  const here = `access/groups/${part(group.name)}`;
  return page(
    c,
    <Shell place={place} title={group.name} room="access">
      <Heading
        title={group.name}
        back={{ href: linkTo(place, 'access'), label: 'Access' }}
        lead={`A group of ${count(group.members, 'member')}. Rules speak of it by its name.`}
      />
      <Refused refusal={form.overall} />
      <div class="grid wide-first">
        <Card title="Who is in it" flush>
          {members.length === 0 ? (
            <Empty icon="access" title="Nobody is in it">
              <p>A rule that speaks of it is about nobody yet.</p>
            </Empty>
          ) : (
            <>
              <Members place={place} here={here} members={members} />
              <Pager
                shown={count(members.length, 'member')}
                first={after === '' ? null : linkTo(place, here)}
                next={next === null ? null : linkTo(place, here, { after: next })}
              />
            </>
          )}
        </Card>
        {may(place, 'policy:write') && <Changes place={place} here={here} group={group} form={form} />}
      </div>
    </Shell>,
    form.refused ? 422 : 200,
  );
}

interface MembersProps {
  readonly place: Place;
  readonly here: string;
  readonly members: readonly GroupMember[];
}

function Members({ place, here, members }: MembersProps) {
  return (
    <Table
      caption="Members of the group"
      rows={members}
      columns={[
        {
          title: 'Name',
          names: true,
          cell: ({ id, name, kind }) => (
            <a class="name" href={linkTo(place, `${kind}s/${id}`)}>
              {name}
            </a>
          ),
        },
        { title: 'Kind', cell: ({ kind }) => kind },
        {
          title: '',
          end: true,
          cell: ({ name }) =>
            may(place, 'policy:write') && (
              <form method="post" action={linkTo(place, `${here}/leave`)}>
                <input type="hidden" name="csrf" value={place.csrf} />
                <input type="hidden" name="member" value={name} />
                <button type="submit" class="button plain slim" aria-label={`Take out ${name}`}>
                  Take out
                </button>
              </form>
            ),
        },
      ]}
    />
  );
}

interface ChangesProps {
  readonly place: Place;
  readonly here: string;
  readonly group: Group;
  readonly form: Typed;
}

function Changes({ place, here, group, form }: ChangesProps) {
  const own = (id: string) => (form.id === id ? form : new Typed(id));
  return (
    <div class="stack">
      <Card title="Put in">
        <form class="form" method="post" action={linkTo(place, `${here}/join`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <TextArea
            form={own('join')}
            name="members"
            label="Devices or sites"
            hint="Their names, one a line."
            rows={3}
            required
          />
          <Button kind="main-one">Put in</Button>
        </form>
      </Card>
      <Card title="Its name">
        <form class="form" method="post" action={linkTo(place, `${here}/rename`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Input form={own('rename')} name="name" label="Name" initial={group.name} required />
          <Button>Rename</Button>
        </form>
        <form method="post" action={linkTo(place, `${here}/remove`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Button kind="danger">Remove the group</Button>
        </form>
        <p class="small soft">A group that a rule speaks of cannot be removed: change the rule first.</p>
      </Card>
    </div>
  );
}
