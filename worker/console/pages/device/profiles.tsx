// Links by which a member's profile was handed out, and another one.

import type { Child } from 'hono/jsx';
import { callApi, part } from '../../call.ts';
import { Button } from '../../parts/button.tsx';
import { Card, Facts } from '../../parts/card.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { linkTo, may } from '../../place.ts';
import { SYSTEMS } from '../../systems.ts';
import { Ask } from './ask.tsx';
import type { Shown } from './shown.ts';

interface LinkRow {
  readonly format: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly takenAt: number | null;
}

export async function profilesTab({ c, place, placed }: Shown): Promise<Child> {
  const { record, network } = placed;
  const answer = await callApi<{ links: LinkRow[] }>(
    c,
    'GET',
    `/networks/${part(network.name)}/members/${part(record.name)}/links`,
  );
  const links = answer.ok ? answer.value.links : [];
  return (
    <div class="stack">
      <Certificate place={place} placed={placed} />
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

function Certificate({ place, placed }: Pick<Shown, 'place' | 'placed'>) {
  const { certificate, revokedAt } = placed.record;
  if (!certificate || revokedAt !== null) return null;
  return (
    <Card
      title="Certificate"
      aside={may(place, 'members:write') && <Ask place={place} placed={placed} asked="renew" />}
    >
      <Facts
        facts={[
          ['Ends', <Time at={certificate.notAfter} now={place.now} as="day" />],
          ['SHA-256', <code>{certificate.fingerprint}</code>],
        ]}
      />
    </Card>
  );
}
