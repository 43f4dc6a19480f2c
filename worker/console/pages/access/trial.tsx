// Who loses and gains by a change, before it is in force.

import type { ChangesView } from '../../../api/json.ts';
import type { Network } from '../../../directory/networks.ts';
import { page } from '../../answer.tsx';
import { callApi, part } from '../../call.ts';
import type { Typed } from '../../form.ts';
import { Button, LinkButton } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import { type ConsoleContext, linkTo } from '../../place.ts';
import { count, listed } from '../../words.ts';
import { accessPage } from './page.tsx';
import type { Wanted } from './wanted.ts';

export async function showTrial(c: ConsoleContext, network: Network, wanted: Wanted, form: Typed): Promise<Response> {
  const { place } = c.var;
  const trial = await callApi<ChangesView>(c, 'POST', `/networks/${part(network.name)}/policy/dry-run`, wanted);
  if (!trial.ok) return accessPage(c, form.refuse({ ...trial.refusal, field: 'none' }));
  const { changes, losing, gaining, complete } = trial.value;
  return page(
    c,
    <Shell place={place} title="Try a change" room="access">
      <Heading
        title={
          losing > 0
            ? `This takes access from ${count(losing, 'member')}`
            : gaining > 0
              ? `This gives access to ${count(gaining, 'member')}`
              : 'Nobody loses or gains by this'
        }
        back={{ href: linkTo(place, 'access'), label: 'Access' }}
        lead="Nothing is in force yet."
      />
      {!complete && (
        <Notice tone="warn">
          <p>There is more to compare than is compared at once: what stands here is a part of it.</p>
        </Notice>
      )}
      <Card flush>
        {changes.length === 0 ? (
          <p class="pad soft">What is allowed stays the same.</p>
        ) : (
          <Table
            caption="Who loses and gains what"
            rows={changes}
            columns={[
              { title: 'From', names: true, cell: ({ from }) => `${from.name} (${from.members})` },
              { title: 'To', cell: ({ to }) => `${to.name}${to.prefix ? ` ${to.prefix}` : ''} (${to.members})` },
              { title: 'Loses', cell: ({ lost }) => listed(lost) || '–' },
              { title: 'Gains', cell: ({ gained }) => listed(gained) || '–' },
            ]}
          />
        )}
      </Card>
      <form method="post" action={linkTo(place, 'access/apply')} class="buttons">
        <input type="hidden" name="csrf" value={place.csrf} />
        <input type="hidden" name="policy" value={JSON.stringify(wanted)} />
        <Button kind={losing > 0 ? 'danger' : 'main-one'}>Put it in force</Button>
        <LinkButton href={linkTo(place, 'access')} kind="plain">
          Leave everything as it is
        </LinkButton>
      </form>
    </Shell>,
  );
}
