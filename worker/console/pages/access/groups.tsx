// Groups that rules may speak of.

import type { GroupView } from '../../../api/json.ts';
import { part } from '../../call.ts';
import type { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Input } from '../../parts/field.tsx';
import { Refused } from '../../parts/notice.tsx';
import { Table } from '../../parts/table.tsx';
import { linkTo, may, type Place } from '../../place.ts';

interface GroupsProps {
  readonly place: Place;
  readonly groups: readonly GroupView[];
  readonly form: Typed;
}

export function Groups({ place, groups, form }: GroupsProps) {
  return (
    <Card title="Groups" flush>
      <Table
        caption="Groups"
        none="No groups yet: rules may speak of a group of devices by its name."
        rows={groups}
        columns={[
          {
            title: 'Name',
            names: true,
            cell: ({ name }) => (
              <a class="name" href={linkTo(place, `access/groups/${part(name)}`)}>
                {name}
              </a>
            ),
          },
          { title: 'Members', end: true, cell: ({ members }) => members.toLocaleString('en') },
        ]}
      />
      {may(place, 'policy:write') && (
        <form class="form pad" method="post" action={linkTo(place, 'access/groups')}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Refused refusal={form.overall} />
          <Input form={form} name="name" label="New group" placeholder="engineers" required />
          <Button>Add the group</Button>
        </form>
      )}
    </Card>
  );
}
