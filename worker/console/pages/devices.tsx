// Devices: who is there, what they are, and what to do with several at once. Filters stand in the URL.

import { Hono } from 'hono';
import { formatAddress } from '../../../src/wire/prefix.ts';
import type { MemberRecord } from '../../directory/member-record.ts';
import { devicesEnding, membersById, searchMembers } from '../../directory/member-search.ts';
import type { Network } from '../../directory/networks.ts';
import type { Presence } from '../../edge/rpc.ts';
import { page } from '../answer.tsx';
import { Typed } from '../form.ts';
import { connectedIn, presenceOf } from '../live-state.ts';
import { Button, LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Input, Select } from '../parts/field.tsx';
import { Empty, Failed } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { type Column, Pager, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may, type Place } from '../place.ts';
import { type Standing, standingOf } from '../stage.ts';
import { count } from '../words.ts';
import { Bulk, groupNames } from './bulk/form.tsx';
import { bulk } from './bulk/routes.tsx';
import { listLink, viewOf } from './bulk/view.ts';

export const devices = new Hono<ConsoleEnv>();

devices.route('/bulk', bulk);

const PAGE = 50;
/** Pages of the directory that are looked through for one page of those that are not connected. */
const LOOKED_THROUGH = 10;
const SOON_MS = 30 * 86_400_000;

const STATES = [
  { value: '', label: 'All' },
  { value: 'online', label: 'Online' },
  { value: 'offline', label: 'Not connected' },
  { value: 'suspended', label: 'Suspended' },
  { value: 'ending', label: 'Certificate ends soon' },
];

export interface Row {
  readonly record: MemberRecord;
  readonly standing: Standing;
}

interface Found {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

devices.get('/', async (c) => {
  const { place } = c.var;
  const { network } = place;
  if (!network) return page(c, noNetwork(place));
  const found = await find(c, place, network);
  const view = viewOf((name) => place.query.get(name));
  const filter = { ...view, after: '' };
  const picked = new Set((place.query.get('picked') ?? '').split(' '));
  const isFiltered = filter.q !== '' || filter.state !== '';
  const first = view.after === '' ? null : listLink(place, filter);
  return page(
    c,
    <Shell place={place} title="Devices" room="devices" live>
      <Heading title="Devices" lead={`${count(network.devices, 'device')} in ${network.name}.`}>
        {may(place, 'members:write') && (
          <LinkButton href={linkTo(place, 'devices/new')} kind="main-one" icon="add">
            Add a device
          </LinkButton>
        )}
      </Heading>
      {network.devices === 0 ? (
        <Card>
          <Empty icon="devices" title="No devices yet">
            <p>Phones, laptops and servers become devices of the network by a profile that you hand out here.</p>
            {may(place, 'members:write') && (
              <LinkButton href={linkTo(place, 'devices/new')} kind="main-one">
                Add the first one
              </LinkButton>
            )}
          </Empty>
        </Card>
      ) : (
        <>
          <Filters place={place} />
          <Card flush>
            {found === null ? (
              <Failed what="Who is connected" />
            ) : found.rows.length === 0 ? (
              <Empty icon="devices" title={isFiltered ? 'Nothing fits' : 'Nothing on this page'}>
                <p>
                  <a href={linkTo(place, 'devices')}>Show all devices</a>
                </p>
              </Empty>
            ) : (
              <Table
                caption="Devices"
                columns={columnsFor(place)}
                rows={found.rows}
                rowId={idOf}
                {...(may(place, 'members:write')
                  ? {
                      pick: {
                        ...{ form: 'bulk', of: idOf, called: ({ record }: Row) => record.name },
                        isPicked: (row: Row) => picked.has(idOf(row)),
                      },
                    }
                  : {})}
              />
            )}
            <Pager
              shown={count(found?.rows.length ?? 0, 'device')}
              first={first}
              next={found?.next ? listLink(place, { ...filter, after: found.next }) : null}
            />
          </Card>
          {may(place, 'members:write') && <Bulk place={place} groups={await groupNames(c, network)} />}
        </>
      )}
    </Shell>,
  );
});

function idOf({ record }: Row): string {
  return record.id;
}

export function noNetwork(place: Place) {
  return (
    <Shell place={place} title="No network yet" room="overview">
      <Heading title="No network yet" />
      <Card>
        <Empty icon="overview" title="Begin with a network">
          <p>Everything here belongs to one.</p>
          <LinkButton href={linkTo(place, 'overview')} kind="main-one">
            Name a network
          </LinkButton>
        </Empty>
      </Card>
    </Shell>
  );
}

function Filters({ place }: { readonly place: Place }) {
  const values = new Map([...place.query].map(([name, value]) => [name, [value]]));
  const form = new Typed('filter', values);
  return (
    <form class="filters" method="get" action={linkTo(place, 'devices').replace(/\?.*/, '')}>
      {place.network !== place.networks[0] && <input type="hidden" name="network" value={place.network?.name} />}
      <div class="field grows">
        <Input form={form} name="q" label="Name or address" type="search" placeholder="begins with…" />
      </div>
      <Select form={form} name="state" label="State" options={STATES} />
      <Button>Filter</Button>
    </form>
  );
}

function columnsFor(place: Place): Column<Row>[] {
  return [
    {
      title: 'Name',
      names: true,
      cell: ({ record }) => (
        <a class="name" href={linkTo(place, `devices/${record.id}`)}>
          {record.name}
        </a>
      ),
    },
    {
      title: 'State',
      cell: ({ standing }) => (
        <span data-state>
          <Status tone={standing.tone} word={standing.word} />
        </span>
      ),
    },
    { title: 'Address', cell: ({ record }) => record.addresses.map(formatAddress)[0] ?? '' },
    {
      title: 'Since',
      cell: ({ standing }) =>
        standing.since === null ? (
          '–'
        ) : (
          <span data-since>
            <Time at={standing.since} now={place.now} />
          </span>
        ),
    },
    {
      title: 'Certificate ends',
      cell: ({ record }) =>
        record.certificate ? <Time at={record.certificate.notAfter} now={place.now} as="day" /> : '–',
    },
  ];
}

async function find(c: ConsoleContext, place: Place, network: Network): Promise<Found | null> {
  const { query, now } = place;
  const state = query.get('state') ?? '';
  const after = query.get('after') ?? '';
  const text = (query.get('q') ?? '').trim();
  if (state === 'online' && text === '') return findOnline(c, network, after, now);
  if (state === 'ending' && text === '') return findEnding(c, network, after, now);
  const search = {
    kind: 'device',
    text,
    owner: null,
    limit: PAGE,
    endsBefore: state === 'ending' ? now + SOON_MS : null,
  } as const;
  const rows: Row[] = [];
  let next: string | null = after;
  for (let looked = 0; looked < LOOKED_THROUGH && rows.length < PAGE && next !== null; looked++) {
    const found = await searchMembers(c.env.DB, network, { ...search, after: next });
    const presence = await presenceOf(
      c.env,
      network.id,
      found.members.map(({ id }) => id),
    );
    if (presence === null && state !== '') return null;
    const fits = found.members
      .map((record) => rowOf(record, presence, now))
      .filter(({ standing }) => fitsState(state, standing))
      .slice(0, PAGE - rows.length);
    rows.push(...fits);
    const full = rows.length === PAGE && fits.length > 0;
    next = full && found.members.at(-1) !== fits.at(-1)?.record ? fits.at(-1)!.record.name : found.next;
  }
  return { rows, next };
}

async function findOnline(c: ConsoleContext, network: Network, after: string, now: number): Promise<Found | null> {
  const connected = await connectedIn(c.env, network.id, after, PAGE, 'device');
  if (!connected) return null;
  const ids = connected.members.map(({ member }) => member);
  const presence = await presenceOf(c.env, network.id, ids);
  const records = await membersById(c.env.DB, network, ids);
  return { rows: records.map((record) => rowOf(record, presence, now)), next: connected.next };
}

async function findEnding(c: ConsoleContext, network: Network, after: string, now: number): Promise<Found> {
  const { members, next } = await devicesEnding(c.env.DB, network, now + SOON_MS, after, PAGE);
  const ids = members.map(({ id }) => id);
  const presence = await presenceOf(c.env, network.id, ids);
  return { rows: members.map((record) => rowOf(record, presence, now)), next };
}

function fitsState(state: string, { stage }: Standing): boolean {
  const isOnline = stage === 'online' || stage === 'expiring';
  if (state === 'online') return isOnline;
  if (state === 'suspended') return stage === 'suspended';
  return state === 'offline' ? !isOnline : true;
}

export function rowOf(record: MemberRecord, presence: ReadonlyMap<string, Presence> | null, now: number): Row {
  return {
    record,
    standing: standingOf({ record, presence: presence === null ? undefined : (presence.get(record.id) ?? null) }, now),
  };
}
