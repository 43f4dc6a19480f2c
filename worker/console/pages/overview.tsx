// Overview: how the network is in one sentence, what it carries, what happened last, and what is still to do.

import { Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { endingSoon } from '../../directory/member-search.ts';
import { listMembers, memberNames } from '../../directory/members.ts';
import type { Network } from '../../directory/networks.ts';
import type { AttemptEvidence, Presence } from '../../edge/rpc.ts';
import type { Env } from '../../env.ts';
import { page } from '../answer.tsx';
import { type ChecklistItem, checklistOf } from '../checklist.ts';
import { attemptsIn, type Connected, connectedIn, presenceOf, trafficOf } from '../live-state.ts';
import { LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Failed } from '../parts/notice.tsx';
import { TrafficPlot } from '../parts/plot.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may, type Place } from '../place.ts';
import { SPANS, spanNamed } from '../series.ts';
import { count, listed } from '../words.ts';
import { newNetworkForm } from './network.tsx';

export const overview = new Hono<ConsoleEnv>();

const SITES = 100;
const EVENTS = 8;
const WEEK_MS = 7 * 86_400_000;

overview.get('/', (c) => {
  const { place } = c.var;
  return place.network ? overviewOf(c, place, place.network) : newNetworkForm(c, null);
});

async function overviewOf(c: ConsoleContext, place: Place, network: Network): Promise<Response> {
  const span = spanNamed(place.query.get('span'));
  const since = place.now - SPANS[span].ms;
  const [connected, siteStates, ending, points, attempts, checklist] = await Promise.all([
    connectedIn(c.env, network.id),
    sitesOf(c.env, network),
    endingSoon(c.env.DB, network, place.now + WEEK_MS),
    trafficOf(c.env, network.id, null, SPANS[span].from, since),
    attemptsIn(c.env, network.id, EVENTS),
    checklistOf(c.env, place, network),
  ]);
  return page(
    c,
    <Shell place={place} title="Overview" room="overview" live>
      <Heading title={network.name} lead={headline(network, connected, siteStates, ending, place)}>
        {may(place, 'members:write') && (
          <LinkButton href={linkTo(place, 'devices/new')} kind="main-one" icon="add">
            Add a device
          </LinkButton>
        )}
      </Heading>
      <div class={checklist.length > 0 ? 'grid wide-first' : 'stack'}>
        <div class="stack">
          <Card title="Traffic">
            <TrafficPlot
              points={points}
              span={span}
              now={place.now}
              linkFor={(each) => linkTo(place, 'overview', { span: each })}
            />
          </Card>
          <Card
            title="What happened last"
            aside={<a href={linkTo(place, 'activity', { show: 'connections' })}>All connections</a>}
            flush
          >
            {attempts === null ? (
              <Failed what="Handshakes" />
            ) : (
              <Events
                place={place}
                attempts={attempts}
                names={
                  await memberNames(
                    c.env.DB,
                    attempts.flatMap(({ member }) => member ?? []),
                  )
                }
              />
            )}
          </Card>
        </div>
        {checklist.length > 0 && <Checklist items={checklist} />}
      </div>
    </Shell>,
  );
}

interface SiteState {
  readonly name: string;
  readonly presence: Presence | null;
}

async function sitesOf(env: Env, network: Network): Promise<readonly SiteState[] | null> {
  if (network.sites === 0) return [];
  const { members } = await listMembers(env.DB, network, 'site', { limit: SITES });
  const presence = await presenceOf(
    env,
    network.id,
    members.map(({ id }) => id),
  );
  return presence && members.map(({ id, name }) => ({ name, presence: presence.get(id) ?? null }));
}

function headline(
  network: Network,
  connected: Connected | null,
  sites: readonly SiteState[] | null,
  ending: number,
  place: Place,
): Child {
  if (connected === null || sites === null) return 'The network does not answer now: who is connected cannot be told.';
  const up = sites.filter(({ presence }) => presence?.left === null).length;
  const down = sites.filter(({ presence }) => presence !== null && presence.left !== null);
  const parts: Child[] = [
    <>
      <span class="number">{Math.max(0, connected.total - up)}</span> of{' '}
      <span class="number">{network.devices.toLocaleString('en')}</span> {network.devices === 1 ? 'device' : 'devices'}{' '}
      connected
    </>,
  ];
  if (network.sites > 0) parts.push(`, ${up} of ${count(network.sites, 'site')} up`);
  const [worst] = down;
  if (worst) {
    parts.push(
      <>
        , {listed(down.slice(0, 3).map(({ name }) => name))} down since{' '}
        <Time at={worst.presence!.left!} now={place.now} as="exact" />
      </>,
    );
  }
  if (ending > 0) parts.push(`, ${count(ending, 'certificate ends', 'certificates end')} this week`);
  return <span data-headline>{parts}.</span>;
}

function Events({
  place,
  attempts,
  names,
}: {
  readonly place: Place;
  readonly attempts: readonly AttemptEvidence[];
  readonly names: ReadonlyMap<string, string>;
}) {
  if (attempts.length === 0) {
    return (
      <p class="soft pad">Nobody has tried to connect yet. Handshakes stand here as they come, those that fail too.</p>
    );
  }
  return (
    <ul class="events" data-events>
      {attempts.map(({ at, outcome, detail, member, identity, from }) => (
        <li>
          <Status
            tone={outcome === 'connected' ? 'good' : 'bad'}
            label={outcome === 'connected' ? 'Connected' : 'Failed'}
          />
          <div>
            <p>
              {member ? (
                <a href={linkTo(place, `devices/${member}`)}>{names.get(member) ?? member}</a>
              ) : (
                identity || 'Somebody unknown'
              )}{' '}
              {outcome === 'connected' ? 'connected' : 'could not connect'}
            </p>
            <p class="small soft">{outcome === 'connected' ? `from ${from}` : detail}</p>
          </div>
          <span class="when">
            <Time at={at} now={place.now} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Checklist({ items }: { readonly items: readonly ChecklistItem[] }) {
  const done = items.filter((item) => item.done).length;
  return (
    <Card title="First steps" aside={<span class="small soft number">{`${done} of ${items.length}`}</span>} flush>
      <ul class="checks">
        {items.map((item) => (
          <li>
            <Status tone={item.done ? 'good' : 'idle'} label={item.done ? 'Done' : 'To do'} />
            <div class={item.done ? 'done' : ''}>
              {item.done ? item.title : <a href={item.href}>{item.title}</a>}
              {!item.done && <p class="small soft">{item.why}</p>}
            </div>
            {!item.done && <span class="small soft">{item.time}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
