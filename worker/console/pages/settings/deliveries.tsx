// What a webhook was told, what came of it, and when it is told next.

import { findWebhook } from '../../../directory/webhooks.ts';
import type { Delivery } from '../../../directory/webhook-deliveries.ts';
import type { Refusal } from '../../../directory/refusal.ts';
import { nothingHere, page } from '../../answer.tsx';
import { callApi, part } from '../../call.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty, Refused } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { type ConsoleContext, linkTo, may, type Place } from '../../place.ts';

export async function deliveriesPage(c: ConsoleContext, refusal: Refusal | null = null): Promise<Response> {
  const { place } = c.var;
  const id = c.req.param('id') ?? '';
  const webhook = await findWebhook(c.env.DB, place.principal.organisation, id);
  if (!webhook.ok) return nothingHere(c);
  const answer = await callApi<{ deliveries: Delivery[] }>(c, 'GET', `/webhooks/${part(id)}/deliveries`);
  const { url, events } = webhook.value;
  return page(
    c,
    <Shell place={place} title="Webhook" room="settings">
      <Heading
        title={new URL(url).host}
        back={{ href: linkTo(place, 'settings', { tab: 'webhooks' }), label: 'Webhooks' }}
        lead={`${url}, for ${events.join(', ')}`}
      >
        <form method="get" action={linkTo(place, `settings/webhooks/${part(id)}`)}>
          <Button kind="plain">Look again</Button>
        </form>
        {may(place, 'settings:write') && (
          <form method="post" action={linkTo(place, `settings/webhooks/${part(id)}/test`)}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Button>Send a test</Button>
          </form>
        )}
      </Heading>
      <Refused refusal={refusal} />
      {answer.ok ? (
        <Card flush>
          <Deliveries place={place} webhook={id} deliveries={answer.value.deliveries} />
        </Card>
      ) : (
        <Refused refusal={answer.refusal} />
      )}
      <p class="small soft">
        The last hundred of 30 days. What is not taken is told again after half a minute, 2, 8 and 32 minutes, 2 and 8.5
        hours, and then given up.
      </p>
    </Shell>,
    refusal === null ? 200 : 422,
  );
}

interface DeliveriesProps {
  readonly place: Place;
  readonly webhook: string;
  readonly deliveries: readonly Delivery[];
}

function Deliveries({ place, webhook, deliveries }: DeliveriesProps) {
  if (deliveries.length === 0) {
    return (
      <Empty icon="activity" title="It was told nothing yet">
        <p>It is told of the next change that fits its events. A test tells whether it listens.</p>
      </Empty>
    );
  }
  return (
    <Table
      caption="What it was told"
      rows={deliveries}
      columns={[
        { title: 'Event', names: true, cell: ({ event }) => event },
        { title: 'When', cell: ({ createdAt }) => <Time at={createdAt} now={place.now} /> },
        { title: 'State', cell: (delivery) => <State delivery={delivery} /> },
        { title: 'Attempts', end: true, cell: ({ attempts }) => attempts },
        { title: 'Last answer', cell: ({ status, failure }) => failure ?? status ?? 'none yet' },
        {
          title: 'Next try',
          cell: ({ dueAt }) => (dueAt === null ? '–' : <Time at={Math.max(dueAt, place.now)} now={place.now} />),
        },
        {
          title: '',
          end: true,
          cell: ({ id, event }) =>
            may(place, 'settings:write') && (
              <form method="post" action={linkTo(place, `settings/webhooks/${part(webhook)}/repeat`)}>
                <input type="hidden" name="csrf" value={place.csrf} />
                <input type="hidden" name="delivery" value={id} />
                <button type="submit" class="button plain slim" aria-label={`Tell again: ${event}`}>
                  Tell again
                </button>
              </form>
            ),
        },
      ]}
    />
  );
}

function State({ delivery: { deliveredAt, dueAt, failure } }: { readonly delivery: Delivery }) {
  if (deliveredAt !== null) return <Status tone="good" word="Taken" />;
  if (dueAt === null) return <Status tone="bad" word="Given up" />;
  return failure === null ? <Status tone="busy" word="On its way" /> : <Status tone="warn" word="Not taken yet" />;
}
