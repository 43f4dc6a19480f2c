// Diagnostics: somebody cannot connect, and we say what we have seen of them.

import { Hono } from 'hono';
import { parseAddress } from '../../../src/wire/prefix.ts';
import { memberNames } from '../../directory/members.ts';
import type { AttemptEvidence } from '../../edge/rpc.ts';
import { page } from '../answer.tsx';
import { attemptsIn } from '../live-state.ts';
import { Typed } from '../form.ts';
import { Button } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Input } from '../parts/field.tsx';
import { Empty, Failed, Notice } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo } from '../place.ts';
import { noNetwork } from './devices.tsx';

export const diagnostics = new Hono<ConsoleEnv>();

diagnostics.get('/', async (c) => {
  const { place } = c.var;
  const { network } = place;
  if (!network) return page(c, noNetwork(place));
  const here = c.req.header('CF-Connecting-IP') ?? '';
  const asked = (place.query.get('from') ?? '').trim();
  const form = new Typed('knock', new Map([['from', [asked]]]));
  const attempts = await attemptsIn(c.env, network.id, 100);
  const failures = attempts?.filter(({ outcome }) => outcome === 'failed') ?? null;
  return page(
    c,
    <Shell place={place} title="Diagnostics" room="diagnostics" live>
      <Heading
        title="Diagnostics"
        lead="Every handshake that reaches the gateway leaves a trace, the failed ones too. Clients tell their users little; this tells why."
      />
      <Card title="Somebody cannot connect">
        <form class="filters" method="get" action={linkTo(place, 'diagnostics').replace(/\?.*/, '')}>
          {network !== place.networks[0] && <input type="hidden" name="network" value={network.name} />}
          <div class="field grows">
            <Input
              form={form}
              name="from"
              label="Their public address"
              hint={here === '' ? 'As a page such as "what is my address" shows it to them.' : `You are at ${here}.`}
            />
          </div>
          <Button>Look</Button>
        </form>
        {asked !== '' && <Knocks c={c} network={network.id} address={asked} />}
      </Card>
      <Card title="Handshakes that failed" flush>
        {failures === null ? (
          <Failed what="Handshakes" />
        ) : failures.length === 0 ? (
          <Empty icon="check" title="None that we remember">
            <p>Whoever reached the gateway got in.</p>
          </Empty>
        ) : (
          <Attempts c={c} attempts={failures} caption="Handshakes that failed" />
        )}
      </Card>
    </Shell>,
  );
});

async function Knocks({
  c,
  network,
  address,
}: {
  readonly c: ConsoleContext;
  readonly network: string;
  readonly address: string;
}) {
  if (!parseAddress(address)) {
    return (
      <Notice tone="bad">
        <p>That is not an IP address. Write it as 203.0.113.9 or 2001:db8::9.</p>
      </Notice>
    );
  }
  const knocks = await c.env.NETWORK.getByName(network)
    .knocks(address)
    .catch(() => null);
  if (knocks === null) return <Failed what="Handshakes" />;
  if (knocks.length === 0) {
    return (
      <Notice tone="warn">
        <p>No handshake of a member of this network came from {address}.</p>
        <p>The server name may be wrong, or the network there blocks UDP 500 and 4500: try a phone's hotspot.</p>
      </Notice>
    );
  }
  return <Attempts c={c} attempts={knocks} caption={`Handshakes from ${address}`} />;
}

async function Attempts({
  c,
  attempts,
  caption,
}: {
  readonly c: ConsoleContext;
  readonly attempts: readonly AttemptEvidence[];
  readonly caption: string;
}) {
  const { place } = c.var;
  const names = await memberNames(
    c.env.DB,
    attempts.flatMap(({ member }) => member ?? []),
  );
  return (
    <Table
      caption={caption}
      rows={attempts}
      columns={[
        {
          title: 'Who',
          names: true,
          cell: ({ member, identity }) =>
            member ? (
              <a class="name" href={linkTo(place, `devices/${member}`)}>
                {names.get(member) ?? member}
              </a>
            ) : (
              <bdi>{identity || 'unknown'}</bdi>
            ),
        },
        { title: 'When', cell: ({ at }) => <Time at={at} now={place.now} /> },
        { title: 'From', cell: ({ from }) => from },
        { title: 'Why', cell: ({ outcome, detail }) => (outcome === 'connected' ? 'connected' : detail) },
      ]}
    />
  );
}
