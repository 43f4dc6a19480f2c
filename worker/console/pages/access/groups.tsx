// Groups that rules may speak of.

import type { GroupView } from '../../../api/json.ts';
import { part } from '../../call.ts';
import { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Input } from '../../parts/field.tsx';
import { Refused } from '../../parts/notice.tsx';
import { Table } from '../../parts/table.tsx';
import { linkTo, may, type Place } from '../../place.ts';

export function Groups({
  place,
  groups,
  form,
}: {
  readonly place: Place;
  readonly groups: readonly GroupView[];
  readonly form: Typed;
}) {
  return (
    <Card title="Groups" flush>
      <Table
        caption="Groups"
        none="No groups yet: rules may speak of a group of devices by its name."
        rows={groups}
        columns={[
          { title: 'Name', names: true, cell: ({ name }) => name },
          { title: 'Members', end: true, cell: ({ members }) => members.toLocaleString('en') },
          {
            title: '',
            end: true,
            cell: ({ name }) =>
              may(place, 'policy:write') && (
                <form method="post" action={linkTo(place, `access/groups/${part(name)}/remove`)}>
                  <input type="hidden" name="csrf" value={place.csrf} />
                  <button type="submit" class="button plain slim" aria-label={`Remove the group ${name}`}>
                    Remove
                  </button>
                </form>
              ),
          },
        ]}
      />
      {may(place, 'policy:write') && (
        <form class="form pad" method="post" action={linkTo(place, 'access/groups')}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Refused refusal={form.overall} />
          <Input form={form} name="name" label="Group" placeholder="engineers" required />
          <Input
            form={form}
            name="members"
            label="Put in"
            hint="Names of devices or sites; empty: a new group."
            placeholder="anna-mac"
          />
          <Button>Save the group</Button>
        </form>
      )}
    </Card>
  );
}
