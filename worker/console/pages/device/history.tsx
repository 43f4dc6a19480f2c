// When a member came and went, and when it could not come.

import type { Child } from 'hono/jsx';
import { Card } from '../../parts/card.tsx';
import { Status } from '../../parts/status.tsx';
import { Time } from '../../parts/time.tsx';
import { duration } from '../../words.ts';
import type { Shown } from './shown.ts';

export async function historyTab({ c, place, placed: { record, network } }: Shown): Promise<Child> {
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
