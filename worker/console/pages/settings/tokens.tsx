// API tokens.

import type { Child } from 'hono/jsx';
import { SCOPES } from '../../../account/scopes.ts';
import { callApi, part } from '../../call.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Input } from '../../parts/field.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { linkTo, may } from '../../place.ts';
import { Small } from './small.tsx';
import type { Shown } from './shown.ts';

interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

export async function tokens({ c, place, form }: Shown): Promise<Child> {
  const answer = await callApi<{ tokens: TokenView[] }>(c, 'GET', '/tokens');
  return (
    <div class="stack">
      <Card title="Tokens" aside={<a href="/docs/api">How the API is used</a>} flush>
        <Table
          caption="API tokens"
          rows={answer.ok ? answer.value.tokens : []}
          columns={[
            { title: 'Name', names: true, cell: ({ name }) => <bdi>{name}</bdi> },
            { title: 'May', cell: ({ scopes }) => scopes.join(', ') },
            {
              title: 'Used',
              cell: ({ lastUsedAt }) => (lastUsedAt ? <Time at={lastUsedAt} now={place.now} /> : 'never'),
            },
            { title: 'Ends', cell: ({ expiresAt }) => <Time at={expiresAt} now={place.now} as="day" /> },
            {
              title: '',
              end: true,
              cell: ({ id, name }) => (
                <Small
                  place={place}
                  action={`settings/tokens/${part(id)}/revoke`}
                  label={`Revoke the token ${name}`}
                  word="Revoke"
                />
              ),
            },
          ]}
        />
      </Card>
      {may(place, 'settings:write') && (
        <Card title="Make a token">
          <form class="form" method="post" action={linkTo(place, 'settings/tokens')}>
            <input type="hidden" name="csrf" value={place.csrf} />
            <Input form={form} name="name" label="Name" placeholder="terraform" required />
            <Input form={form} name="days" label="Days until it ends" initial="90" inputmode="numeric" />
            <fieldset class="field">
              <legend>What it may do</legend>
              <div class="picker">
                {SCOPES.map((scope) => (
                  <label>
                    <input
                      type="checkbox"
                      name="scopes"
                      value={scope}
                      checked={form.values('scopes').includes(scope)}
                    />
                    {scope}
                  </label>
                ))}
              </div>
            </fieldset>
            <Button kind="main-one">Make the token</Button>
          </form>
        </Card>
      )}
    </div>
  );
}
