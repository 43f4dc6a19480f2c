// The page of one device or site, with a tab for each question about it.

import type { Child } from 'hono/jsx';
import { memberById } from '../../../directory/member-search.ts';
import type { Refusal } from '../../../directory/refusal.ts';
import { nothingHere, page } from '../../answer.tsx';
import { presenceOf } from '../../live-state.ts';
import { Refused } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { Status } from '../../parts/status.tsx';
import { Time } from '../../parts/time.tsx';
import { type ConsoleContext, linkTo, may, type Place } from '../../place.ts';
import type { Room } from '../../rooms.ts';
import { standingOf } from '../../stage.ts';
import { Actions } from './actions.tsx';
import { diagnosticsTab } from './diagnostics.tsx';
import { historyTab } from './history.tsx';
import { profilesTab } from './profiles.tsx';
import type { Shown } from './shown.ts';
import { statusTab } from './status.tsx';
import { trafficTab } from './traffic.tsx';

const TABS = ['status', 'diagnostics', 'traffic', 'profiles', 'history'] as const;

export async function showMember(c: ConsoleContext, wrong: Refusal | null = null): Promise<Response> {
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
      <Refused refusal={wrong} />
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
    wrong === null ? 200 : 422,
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
