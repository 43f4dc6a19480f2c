import type { GroupView } from '../../../api/json.ts';
import { listMembers } from '../../../directory/members.ts';
import type { Network } from '../../../directory/networks.ts';
import type { Typed } from '../../form.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Input, Select } from '../../parts/field.tsx';
import { type ConsoleContext, linkTo, type Place } from '../../place.ts';

const SITES = 100;

interface NewRuleProps {
  readonly place: Place;
  readonly form: Typed;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function NewRule({ place, form, options }: NewRuleProps) {
  return (
    <Card title="Add a rule">
      <form class="filters" method="post" action={linkTo(place, 'access/try')}>
        <input type="hidden" name="csrf" value={place.csrf} />
        <Select form={form} name="source" label="Who" options={options} />
        <Select
          form={form}
          name="action"
          label="May they?"
          options={[
            { value: 'allow', label: 'may reach' },
            { value: 'deny', label: 'may not reach' },
          ]}
        />
        <Select form={form} name="target" label="Whom" options={options} />
        <Input form={form} name="services" label="With" initial="any" placeholder="tcp/22,443" />
        <Button>Try it…</Button>
      </form>
      <p class="small soft">
        Services are <code>any</code>, <code>icmp</code>, <code>tcp/22,443</code> or <code>udp/53</code>. Nothing
        changes before you have seen who loses or gains by it.
      </p>
    </Card>
  );
}

export async function subjects(c: ConsoleContext, network: Network, groups: readonly GroupView[]) {
  const sites = await listMembers(c.env.DB, network, 'site', { limit: SITES });
  const devices = await listMembers(c.env.DB, network, 'device', { limit: SITES });
  return [
    { value: 'everyone', label: 'everyone' },
    ...groups.map(({ name }) => ({ value: `group/${name}`, label: `group ${name}` })),
    ...sites.members.map(({ name }) => ({ value: `site/${name}`, label: `site ${name}` })),
    ...devices.members.map(({ name }) => ({ value: `device/${name}`, label: `device ${name}` })),
  ];
}
