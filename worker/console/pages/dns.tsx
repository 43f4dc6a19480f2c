// DNS: the servers and domains that a network gives to its members.

import { Hono } from 'hono';
import { formatAddress } from '../../../src/wire/prefix.ts';
import { goTo, page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { Typed } from '../form.ts';
import { Button } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { TextArea } from '../parts/field.tsx';
import { Refused } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { Table } from '../parts/table.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may } from '../place.ts';
import { noNetwork } from './devices.tsx';

export const dns = new Hono<ConsoleEnv>();

/** How each client takes domains that only these servers know. */
const CLIENTS = [
  { client: 'iPhone, iPad, Mac', split: true, how: 'from the profile, and from the gateway' },
  { client: 'Windows', split: true, how: 'by rules that the script adds' },
  {
    client: 'Linux with strongSwan',
    split: true,
    how: 'with systemd-resolved; otherwise the servers serve every name',
  },
  { client: 'NetworkManager', split: true, how: 'from the gateway' },
  { client: 'Android, strongSwan app', split: false, how: 'the servers serve every name while it is connected' },
];

dns.get('/', (c) => dnsPage(c, new Typed('dns')));

dns.post('/', allowed('networks:write'), async (c) => {
  const form = await takeForm(c, 'dns');
  const { network } = c.var.place;
  if (!form || !network) return goTo(c, 'dns');
  const saved = await callApi(c, 'PATCH', `/networks/${part(network.name)}`, {
    dns: form.list('dns'),
    domains: form.list('domains'),
  });
  return saved.ok ? goTo(c, 'dns', 'network-changed') : dnsPage(c, form.refuse(saved.refusal));
});

function dnsPage(c: ConsoleContext, form: Typed): Promise<Response> {
  const { place } = c.var;
  const { network } = place;
  if (!network) return page(c, noNetwork(place));
  return page(
    c,
    <Shell place={place} title="DNS" room="dns">
      <Heading title="DNS" lead={`What the members of ${network.name} ask for names.`} />
      <Refused refusal={form.overall} />
      <div class="stack">
        <Card title="Servers and domains">
          <form class="form" method="post" action={linkTo(place, 'dns')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <TextArea
              form={form}
              name="dns"
              label="Servers"
              rows={3}
              initial={network.dns.map(formatAddress).join('\n')}
              hint="Addresses, one a line, that members can reach. At most 4."
            />
            <TextArea
              form={form}
              name="domains"
              label="Domains"
              initial={network.domains.join('\n')}
              hint="Names that only these servers know, one a line, such as corp.example.com. Empty: the servers are asked for everything."
            />
            {may(place, 'networks:write') && <Button kind="main-one">Save</Button>}
          </form>
        </Card>
        <Card title="What clients do with domains" flush>
          <Table
            caption="Clients"
            rows={CLIENTS}
            columns={[
              { title: 'Client', names: true, cell: ({ client }) => client },
              {
                title: 'Split',
                cell: ({ split }) => <Status tone={split ? 'good' : 'warn'} word={split ? 'yes' : 'no'} />,
              },
              { title: 'How', cell: ({ how }) => how },
            ]}
          />
        </Card>
      </div>
    </Shell>,
    form.refused ? 422 : 200,
  );
}
