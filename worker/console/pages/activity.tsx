// Activity: who changed what, and who connected or could not.

import { Hono } from 'hono';
import type { AuditEntry } from '../../directory/audit.ts';
import { memberNames } from '../../directory/members.ts';
import { page } from '../answer.tsx';
import { callApi, fileOfApi } from '../call.ts';
import { attemptsIn } from '../live-state.ts';
import { LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/card.tsx';
import { Failed } from '../parts/notice.tsx';
import { Heading, Shell } from '../parts/shell.tsx';
import { Status } from '../parts/status.tsx';
import { Pager, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo } from '../place.ts';
import { count } from '../words.ts';

export const activity = new Hono<ConsoleEnv>();

const ATTEMPTS = 100;

activity.get('/', async (c) => {
  const { place } = c.var;
  const shows = place.query.get('show') === 'connections' ? 'connections' : 'changes';
  return page(
    c,
    <Shell place={place} title="Activity" room="activity" live={shows === 'connections'}>
      <Heading title="Activity" lead="Who changed what, and who connected or could not.">
        <LinkButton href={linkTo(place, 'activity/export', { format: 'csv' })} icon="download">
          CSV
        </LinkButton>
        <LinkButton href={linkTo(place, 'activity/export', { format: 'ndjson' })} icon="download">
          NDJSON
        </LinkButton>
      </Heading>
      <nav class="tabs" aria-label="What is shown">
        <a href={linkTo(place, 'activity')} {...(shows === 'changes' ? { 'aria-current': 'page' } : {})}>
          Changes
        </a>
        <a
          href={linkTo(place, 'activity', { show: 'connections' })}
          {...(shows === 'connections' ? { 'aria-current': 'page' } : {})}
        >
          Connections
        </a>
      </nav>
      {shows === 'changes' ? <Changes c={c} /> : <Connections c={c} />}
    </Shell>,
  );
});

/** The file as the API writes it, of the organisation that the page is about. */
activity.get('/export', async (c) => {
  const format = c.var.place.query.get('format') === 'csv' ? 'csv' : 'ndjson';
  return fileOfApi(c, `/activity?format=${format}`);
});

async function Changes({ c }: { readonly c: ConsoleContext }) {
  const { place } = c.var;
  const before = place.query.get('before');
  const query = before !== null && /^\d+$/.test(before) ? `?before=${before}` : '';
  const answer = await callApi<{ entries: AuditEntry[]; next: number | null }>(c, 'GET', `/activity${query}`);
  if (!answer.ok) return <Failed what="Activity" />;
  const { entries, next } = answer.value;
  return (
    <Card flush>
      <Table
        caption="Changes"
        rows={entries}
        columns={[
          { title: 'When', cell: ({ at }) => <Time at={at} now={place.now} as="exact" /> },
          { title: 'Who', cell: ({ actor }) => <bdi>{actor}</bdi> },
          { title: 'What', names: true, cell: ({ action, target }) => <bdi>{`${action} · ${target}`}</bdi> },
          { title: 'Before and after', cell: ({ before: was, after: is }) => <Diff was={was} is={is} /> },
        ]}
      />
      <Pager
        shown={count(entries.length, 'change')}
        first={query === '' ? null : linkTo(place, 'activity')}
        next={next === null ? null : linkTo(place, 'activity', { before: String(next) })}
      />
    </Card>
  );
}

function Diff({ was, is }: { readonly was: unknown; readonly is: unknown }) {
  if (was === null && is === null) return null;
  return (
    <details class="fold">
      <summary>Show</summary>
      <div class="diff">
        {was !== null && <span class="gone">{JSON.stringify(was)}</span>}
        {is !== null && <span class="new">{JSON.stringify(is)}</span>}
      </div>
    </details>
  );
}

async function Connections({ c }: { readonly c: ConsoleContext }) {
  const { place } = c.var;
  const attempts = place.network ? await attemptsIn(c.env, place.network.id, ATTEMPTS) : [];
  if (attempts === null) return <Failed what="Handshakes" />;
  const names = await memberNames(
    c.env.DB,
    attempts.flatMap(({ member }) => member ?? []),
  );
  return (
    <Card flush>
      <Table
        caption="Handshakes"
        rows={attempts}
        columns={[
          { title: 'When', cell: ({ at }) => <Time at={at} now={place.now} as="exact" /> },
          {
            title: 'Who',
            names: true,
            cell: ({ member, identity }) => <bdi>{member ? (names.get(member) ?? member) : identity || 'unknown'}</bdi>,
          },
          {
            title: 'Outcome',
            cell: ({ outcome }) => (
              <Status
                tone={outcome === 'connected' ? 'good' : 'bad'}
                word={outcome === 'connected' ? 'Connected' : 'Failed'}
              />
            ),
          },
          { title: 'From', cell: ({ from }) => from },
          { title: 'Why', cell: ({ detail }) => detail },
        ]}
      />
    </Card>
  );
}
