// The network: what can be changed of it, and what never is.

import type { Child } from 'hono/jsx';
import { formatPrefix } from '../../../../src/wire/prefix.ts';
import { Button } from '../../parts/button.tsx';
import { Card, Facts } from '../../parts/card.tsx';
import { Input } from '../../parts/field.tsx';
import { linkTo, may } from '../../place.ts';
import type { Shown } from './shown.ts';

export function network({ place, form }: Shown): Child {
  const { network: shown } = place;
  if (!shown) return <p class="soft">There is no network yet.</p>;
  const number = { inputmode: 'numeric' } as const;
  return (
    <div class="grid">
      <Card title={shown.name}>
        <form class="form" method="post" action={linkTo(place, 'settings/network')}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Input form={form} name="mtu" label="Largest packet, octets" initial={String(shown.mtu)} {...number} />
          <Input
            form={form}
            name="ikeLifetimeSeconds"
            label="Keys of IKE live, seconds"
            initial={String(shown.ikeLifetimeSeconds)}
            {...number}
          />
          <Input
            form={form}
            name="childLifetimeSeconds"
            label="Keys of ESP live, seconds"
            initial={String(shown.childLifetimeSeconds)}
            {...number}
          />
          {may(place, 'networks:write') && <Button kind="main-one">Save</Button>}
        </form>
      </Card>
      <Card title="Fixed for good">
        <Facts
          facts={[
            ['IPv4', shown.ipv4 ? formatPrefix(shown.ipv4) : 'none'],
            ['IPv6', shown.ipv6 ? formatPrefix(shown.ipv6) : 'none'],
            ['In identities', <code>{shown.label}</code>],
          ]}
        />
        <p class="small soft">Devices keep their addresses for good, so the pools of a network never change.</p>
      </Card>
    </div>
  );
}
