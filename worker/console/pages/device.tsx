// One device or site: where it stands, what the gateway sees of it, what it carries, its profiles and its past.

import { Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { formatAddress, formatPrefix } from '../../../src/wire/prefix.ts';
import type { ExplanationView } from '../../api/json.ts';
import { memberById, type Placed } from '../../directory/member-search.ts';
import { deploymentDomain, memberIdentity } from '../../directory/names.ts';
import type { PeerReport } from '../../edge/rpc.ts';
import { goTo, nothingHere, page } from '../answer.tsx';
import { callApi, part } from '../call.ts';
import { allowed, takeForm } from '../door.ts';
import { presenceOf, reportOf, trafficOf } from '../live-state.ts';
import { Button, CopyButton } from '../parts/button.tsx';
import { Card, Facts, Figures } from '../parts/card.tsx';
import { Dialog, Opens } from '../parts/dialog.tsx';
import { Notice } from '../parts/notice.tsx';
import { TrafficPlot } from '../parts/plot.tsx';
import { Heading, type Room, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { WayIn } from '../parts/way-in.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo, may, type Place } from '../place.ts';
import { progressOf } from '../progress.ts';
import { SPANS, spanNamed } from '../series.ts';
import { type Standing, standingOf } from '../stage.ts';
import { SYSTEMS } from '../systems.ts';
import { duration, octets } from '../words.ts';
import { handOut } from './add-device.tsx';

export const device = new Hono<ConsoleEnv>();

const TABS = ['status', 'diagnostics', 'traffic', 'profiles', 'history'] as const;

interface Shown {
  readonly c: ConsoleContext;
  readonly place: Place;
  readonly placed: Placed;
  readonly standing: Standing;
}

device.get('/:id', (c) => showMember(c));

/** Drawn anew by the page when the live feed says that something happened. */
device.get('/:id/way', async (c) => {
  const placed = await memberById(c.env.DB, c.var.place.networks, c.req.param('id'));
  if (!placed) return nothingHere(c);
  return page(c, <WayIn place={c.var.place} member={placed.record.id} progress={await progressOf(c, placed)} />);
});

for (const command of ['disconnect', 'rekey-ike'] as const) {
  device.post(`/:id/${command}`, allowed('members:write'), async (c) => {
    const placed =
      (await takeForm(c, command)) && (await memberById(c.env.DB, c.var.place.networks, c.req.param('id')));
    if (!placed) return goTo(c, 'devices');
    const { record, network } = placed;
    const told = await callApi(c, 'POST', `/networks/${part(network.name)}/members/${part(record.name)}/${command}`);
    const note = command === 'disconnect' ? 'disconnected' : 'rekeyed';
    return goTo(c, `${record.kind}s/${record.id}`, told.ok ? note : 'not-connected');
  });
}

device.post('/:id/revoke', allowed('members:write'), async (c) => {
  const placed = (await takeForm(c, 'revoke')) && (await memberById(c.env.DB, c.var.place.networks, c.req.param('id')));
  if (!placed) return goTo(c, 'devices');
  const { record, network } = placed;
  const done = await callApi(c, 'DELETE', `/networks/${part(network.name)}/${record.kind}s/${part(record.name)}`);
  if (!done.ok) return showMember(c, done.refusal.message);
  return goTo(c, `${record.kind}s`, record.kind === 'site' ? 'site-revoked' : 'device-revoked');
});

device.post('/:id/link', allowed('members:write'), async (c) => {
  const form = await takeForm(c, 'link');
  const system = SYSTEMS.find(({ id }) => id === form?.value('system'));
  return form && system ? handOut(c, c.req.param('id'), system) : goTo(c, `devices/${c.req.param('id')}`);
});

export async function showMember(c: ConsoleContext, wrong = ''): Promise<Response> {
  const { place } = c.var;
  const placed = await memberById(c.env.DB, place.networks, c.req.param('id') ?? '');
  if (!placed) return nothingHere(c);
  const { record, network } = placed;
  const here: Place = { ...place, network };
  const presence = await presenceOf(c.env, network.id, [record.id]);
  const attempts = await c.env.NETWORK.getByName(network.id)
    .history(record.id)
    .then(
      (each) => each.attempts,
      () => [],
    );
  const failure = attempts[0]?.outcome === 'failed' ? attempts[0] : null;
  const standing = standingOf(
    { record, failure, presence: presence === null ? undefined : (presence.get(record.id) ?? null) },
    place.now,
  );
  const asked = TABS.find((each) => each === place.query.get('tab'));
  const tab = asked ?? 'status';
  const room: Room = record.kind === 'site' ? 'sites' : 'devices';
  const shown: Shown = { c, place: here, placed, standing };
  return page(
    c,
    <Shell place={here} title={record.name} room={room} live>
      <Heading
        title={record.name}
        back={{ href: linkTo(here, room), label: room === 'sites' ? 'Sites' : 'Devices' }}
        lead={
          <span data-state-of={record.id}>
            <Status tone={standing.tone} word={standing.word} />
            {standing.since !== null && (
              <>
                {' '}
                since <Time at={standing.since} now={place.now} />
              </>
            )}
            {standing.why !== '' && ` · ${standing.why}`}
          </span>
        }
      >
        {may(place, 'members:write') && record.revokedAt === null && <Actions {...shown} />}
      </Heading>
      {wrong !== '' && (
        <Notice tone="bad">
          <p>{wrong}</p>
        </Notice>
      )}
      <nav class="tabs" aria-label={`About ${record.name}`}>
        {TABS.map((each) => (
          <a
            href={linkTo(here, `${room}/${record.id}`, { tab: each === 'status' ? null : each })}
            {...(each === tab ? { 'aria-current': 'page' } : {})}
          >
            {each[0]!.toUpperCase() + each.slice(1)}
          </a>
        ))}
      </nav>
      {await tabOf(tab, shown)}
    </Shell>,
  );
}

function tabOf(tab: (typeof TABS)[number], shown: Shown): Promise<Child> {
  switch (tab) {
    case 'status':
      return statusTab(shown);
    case 'diagnostics':
      return diagnosticsTab(shown);
    case 'traffic':
      return trafficTab(shown);
    case 'profiles':
      return profilesTab(shown);
    case 'history':
      return historyTab(shown);
  }
}

function Actions({ place, placed: { record }, standing }: Shown) {
  const base = `${record.kind}s/${record.id}`;
  const isOnline = standing.stage === 'online' || standing.stage === 'expiring';
  return (
    <>
      {isOnline && (
        <form method="post" action={linkTo(place, `devices/${record.id}/disconnect`)}>
          <input type="hidden" name="csrf" value={place.csrf} />
          <Button>Disconnect</Button>
        </form>
      )}
      <Opens id="revoke" href={linkTo(place, base, { tab: 'profiles' })} danger>
        Revoke…
      </Opens>
      <Dialog
        id="revoke"
        title={`Revoke ${record.name}?`}
        action={linkTo(place, `devices/${record.id}/revoke`)}
        csrf={place.csrf}
        yes="Revoke"
        danger
      >
        <p>
          It is cut off within a second, and its profile never works again. This cannot be undone: add it anew instead.
        </p>
      </Dialog>
    </>
  );
}

async function statusTab({ c, place, placed, standing }: Shown): Promise<Child> {
  const { record, network } = placed;
  const report = await reportOf(c.env, network.id, record.id);
  const identity = memberIdentity(
    { name: record.name, network: network.label, kind: record.kind, auth: record.auth },
    deploymentDomain(c.env),
  );
  const addresses = [...record.addresses.map(formatAddress), ...record.prefixes.map(formatPrefix)];
  return (
    <div class="grid wide-first">
      <div class="stack">
        {report ? (
          <Figures
            figures={[
              { name: 'From the device', value: octets(report.octetsIn) },
              { name: 'To the device', value: octets(report.octetsOut) },
              {
                name: 'There and back',
                value: report.report.roundTrip ? duration(report.report.roundTrip.smoothed) : '–',
              },
              { name: 'Lost', value: report.report.loss === null ? '–' : `${(report.report.loss * 100).toFixed(1)} %` },
            ]}
          />
        ) : (
          standing.stage !== 'revoked' && (
            <Card title="The way in">
              <WayIn place={place} member={record.id} progress={await progressOf(c, placed)} />
            </Card>
          )
        )}
        {record.revokedAt === null && <Findings c={c} placed={placed} />}
      </div>
      <Card title="What it is">
        <Facts
          facts={[
            [
              record.kind === 'site' ? 'Prefixes' : 'Addresses',
              <>
                {addresses.map((each) => (
                  <span class="copy">
                    {each} <CopyButton text={each} what={each} />
                  </span>
                ))}
              </>,
            ],
            ['Identity', <code>{identity}</code>],
            [
              'Proves itself by',
              { cert: 'a certificate', eap: 'user name and password', psk: 'a pre-shared key' }[record.auth],
            ],
            [
              'Certificate ends',
              record.certificate ? <Time at={record.certificate.notAfter} now={place.now} as="day" /> : '–',
            ],
            ['Added', <Time at={record.createdAt} now={place.now} as="day" />],
            ['Network', network.name],
          ]}
        />
      </Card>
    </div>
  );
}

/** What stands in the way, in the user's words. */
async function Findings({ c, placed: { record, network } }: { readonly c: ConsoleContext; readonly placed: Placed }) {
  const path = `/networks/${part(network.name)}/members/${part(record.name)}/explain`;
  const answer = await callApi<ExplanationView>(c, 'GET', path);
  if (!answer.ok) return null;
  const { findings, report } = answer.value;
  if (findings.length === 0) return null;
  return (
    <Card title="What we see" aside={<CopyButton text={report} what="the report" />}>
      {findings.map((finding) => (
        <Notice tone={finding.severity === 'note' ? 'info' : 'warn'}>
          <p>
            <strong>{finding.title}</strong>
          </p>
          <p>{finding.text}</p>
          {finding.next.map((step) => (
            <p>{step}</p>
          ))}
        </Notice>
      ))}
    </Card>
  );
}

async function diagnosticsTab({ c, place, placed: { record, network } }: Shown): Promise<Child> {
  const peer = await reportOf(c.env, network.id, record.id);
  if (!peer) {
    return (
      <Notice>
        <p>It is not connected now, so there is nothing to measure.</p>
        <p>What happened when it tried stands under History.</p>
      </Notice>
    );
  }
  return (
    <div class="grid">
      <Card title="The way to it" aside={<CopyButton text={reportText(peer)} what="the report" />}>
        <Facts facts={wayFacts(peer, place)} />
      </Card>
      <Card title="The tunnel">
        <Facts
          facts={[
            ['IKE', <code>{peer.suite}</code>],
            ['ESP', <code>{peer.esp.join(', ')}</code>],
            ['Software', peer.software || 'does not say'],
            [
              'Packets',
              `${peer.packetsIn.toLocaleString('en')} from it, ${peer.packetsOut.toLocaleString('en')} to it`,
            ],
            ['Heard last', peer.lastIn ? <Time at={peer.lastIn} now={place.now} /> : '–'],
            ['Dropped', dropsText(peer.drops)],
          ]}
        />
      </Card>
    </div>
  );
}

const NAT_WORDS: Readonly<Record<PeerReport['nat'], string>> = {
  none: 'none on the way',
  peer: 'the device is behind one',
  gateway: 'the gateway is behind one',
  both: 'both ends are behind one',
  unknown: 'not known',
};

function wayFacts(peer: PeerReport, place: Place): [string, Child][] {
  const { report } = peer;
  const { survived, expired } = report.lifetime;
  return [
    ['Reached us from', peer.remote ? `${peer.remote.address}, port ${peer.remote.port}` : '–'],
    ['At', peer.local ? `UDP ${peer.local.port}, relay ${peer.relay}` : '–'],
    ['NAT', NAT_WORDS[peer.nat]],
    ['Moved', report.moved === 0 ? 'never' : `${report.moved} times`],
    ['Mapping lives', mappingWords(survived, expired)],
    ['Our keepalives', report.keepalive === null ? 'none needed' : `every ${report.keepalive} s`],
    [
      'There and back',
      report.roundTrip ? `${duration(report.roundTrip.smoothed)} ± ${duration(report.roundTrip.variation)}` : '–',
    ],
    ['Lost on the way in', report.loss === null ? '–' : `${(report.loss * 100).toFixed(2)} %`],
    ['Largest IKE fragment', report.fragments.largest === null ? 'none came' : `${report.fragments.largest} octets`],
    ['MOBIKE', report.mobike ? 'yes: it keeps its tunnel when it changes networks' : 'no'],
    ['Connected since', <Time at={peer.since} now={place.now} as="exact" />],
  ];
}

function mappingWords(survived: number | null, expired: number | null): string {
  const parts = [
    survived === null ? '' : `at least ${duration(survived)}`,
    expired === null ? '' : `less than ${duration(expired)}`,
  ];
  return parts.filter((each) => each !== '').join(', ') || 'not seen yet';
}

function dropsText(drops: Readonly<Record<string, number>>): string {
  const list = Object.entries(drops).map(([reason, number]) => `${number} ${reason}`);
  return list.length === 0 ? 'nothing' : list.join(', ');
}

/** Without secrets; there are none in a report. */
function reportText(peer: PeerReport): string {
  return JSON.stringify(peer, null, 2);
}

async function trafficTab({ c, place, placed: { record, network } }: Shown): Promise<Child> {
  const span = spanNamed(place.query.get('span'));
  const points = await trafficOf(c.env, network.id, record.id, SPANS[span].from, place.now - SPANS[span].ms);
  return (
    <Card title="Traffic">
      <TrafficPlot
        points={points}
        span={span}
        now={place.now}
        linkFor={(each) => linkTo(place, `${record.kind}s/${record.id}`, { tab: 'traffic', span: each })}
      />
    </Card>
  );
}

interface LinkRow {
  readonly format: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly takenAt: number | null;
}

async function profilesTab({ c, place, placed: { record, network } }: Shown): Promise<Child> {
  const answer = await callApi<{ links: LinkRow[] }>(
    c,
    'GET',
    `/networks/${part(network.name)}/members/${part(record.name)}/links`,
  );
  const links = answer.ok ? answer.value.links : [];
  return (
    <div class="stack">
      {may(place, 'members:write') && record.revokedAt === null && (
        <Card title="Hand the profile out again">
          <p>The same device, the same identity: a new profile takes the place of the old one.</p>
          <form class="filters" method="post" action={linkTo(place, `devices/${record.id}/link`)}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <div class="field">
              <label for="link-system">For</label>
              <select class="input" id="link-system" name="system">
                {SYSTEMS.map(({ id, label }) => (
                  <option value={id}>{label}</option>
                ))}
              </select>
            </div>
            <Button>Make a link</Button>
          </form>
        </Card>
      )}
      <Card title="Links" flush>
        <Table
          caption="Links that were made"
          rows={links}
          columns={[
            { title: 'Made', names: true, cell: ({ createdAt }) => <Time at={createdAt} now={place.now} /> },
            { title: 'Format', cell: ({ format }) => format },
            { title: 'By', cell: ({ createdBy }) => createdBy },
            {
              title: 'Fetched',
              cell: ({ takenAt, expiresAt }) =>
                takenAt ? (
                  <Time at={takenAt} now={place.now} />
                ) : expiresAt < place.now ? (
                  'never, it has expired'
                ) : (
                  'not yet'
                ),
            },
          ]}
        />
      </Card>
    </div>
  );
}

async function historyTab({ c, place, placed: { record, network } }: Shown): Promise<Child> {
  const history = await c.env.NETWORK.getByName(network.id)
    .history(record.id)
    .catch(() => null);
  const events = history
    ? [
        ...history.attempts.map(({ at, outcome, from, detail }) => ({
          at,
          tone: outcome === 'connected' ? ('good' as const) : ('bad' as const),
          what: outcome === 'connected' ? 'Connected' : 'Could not connect',
          detail: outcome === 'connected' ? `from ${from}` : detail,
        })),
        ...history.departures.map(({ at, since, reason }) => ({
          at,
          tone: 'idle' as const,
          what: 'Gone',
          detail: `${reason}, after ${duration(at - since)}`,
        })),
      ].sort((a, b) => b.at - a.at)
    : [];
  return (
    <Card title="What happened" flush>
      {events.length === 0 ? (
        <p class="pad soft">Nothing is remembered of it.</p>
      ) : (
        <ul class="events">
          {events.map(({ at, tone, what, detail }) => (
            <li>
              <Status tone={tone} />
              <div>
                <p>{what}</p>
                <p class="small soft">{detail}</p>
              </div>
              <span class="when">
                <Time at={at} now={place.now} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
