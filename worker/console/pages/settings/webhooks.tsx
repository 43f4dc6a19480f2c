// Webhooks.

import type { Child } from 'hono/jsx';
import { callApi, part } from '../../call.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Input } from '../../parts/field.tsx';
import { Table } from '../../parts/table.tsx';
import { linkTo, may } from '../../place.ts';
import { Small } from './small.tsx';
import type { Shown } from './shown.ts';

interface WebhookView {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
}

export async function webhooks({ c, place, form }: Shown): Promise<Child> {
  const answer = await callApi<{ webhooks: WebhookView[] }>(c, 'GET', '/webhooks');
  return (
    <div class="stack">
      <Card title="Webhooks" flush>
        <Table
          caption="Webhooks"
          rows={answer.ok ? answer.value.webhooks : []}
          columns={[
            {
              title: 'Where',
              names: true,
              cell: ({ id, url }) => (
                <a class="name" href={linkTo(place, `settings/webhooks/${part(id)}`)}>
                  {url}
                </a>
              ),
            },
            { title: 'Events', cell: ({ events }) => events.join(', ') },
            {
              title: '',
              end: true,
              cell: ({ id, url }) => (
                <Small place={place} action={`settings/webhooks/${part(id)}/test`} label={`Test ${url}`} word="Test" />
              ),
            },
            {
              title: '',
              end: true,
              cell: ({ id, url }) => (
                <Small
                  place={place}
                  action={`settings/webhooks/${part(id)}/remove`}
                  label={`Remove ${url}`}
                  word="Remove"
                />
              ),
            },
          ]}
        />
      </Card>
      {may(place, 'settings:write') && (
        <Card title="Add a webhook">
          <form class="form" method="post" action={linkTo(place, 'settings/webhooks')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Input form={form} name="url" label="URL" placeholder="https://example.com/hooks/culvert" required />
            <Input
              form={form}
              name="events"
              label="Events"
              initial="*"
              hint="Such as device.add or device.*; * for all."
            />
            <Button kind="main-one">Add the webhook</Button>
          </form>
        </Card>
      )}
    </div>
  );
}
