// What is shown around a thing done to several devices: the question before, and what came of it where some failed.

import type { Placed } from '../../../directory/member-search.ts';
import { Button, LinkButton } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { QuestionCard } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/notice.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import { linkTo, type Place } from '../../place.ts';
import { count } from '../../words.ts';
import { DEEDS, type Deed, type DeedName } from './deeds.ts';
import { Kept } from './kept.tsx';
import type { Failure } from './routes.tsx';
import { listLink, type View } from './view.ts';

interface SureProps {
  readonly place: Place;
  readonly name: DeedName;
  readonly question: NonNullable<Deed['question']>;
  readonly picked: readonly Placed[];
  readonly view: View;
}

export function Sure({ place, name, question, picked, view }: SureProps) {
  const whom = picked.length === 1 ? picked[0]!.record.name : count(picked.length, 'device');
  const ids = picked.map(({ record }) => record.id);
  const back = listLink(place, view, ids);
  return (
    <Shell place={place} title={question.title} room="devices">
      <Heading title={`${question.title} ${whom}?`} back={{ href: back, label: 'Devices' }} />
      <QuestionCard action={linkTo(place, 'devices/bulk')} csrf={place.csrf} yes={question.yes} danger no={back}>
        <p>{question.text}</p>
        <ul>
          {picked.map(({ record }) => (
            <li>{record.name}</li>
          ))}
        </ul>
        <Again name={name} group="" ids={ids} view={view} />
      </QuestionCard>
    </Shell>
  );
}

interface OutcomeProps {
  readonly place: Place;
  readonly name: DeedName;
  readonly group: string;
  readonly failures: readonly Failure[];
  /** All that were picked. */
  readonly of: number;
  readonly view: View;
}

export function Outcome({ place, name, group, failures, of, view }: OutcomeProps) {
  const ids = failures.map(({ placed }) => placed.record.id);
  const back = listLink(place, view, ids);
  const done = of - failures.length;
  const lead =
    done === 0
      ? 'The others are not touched.'
      : `${count(done, 'device')} ${done === 1 ? 'is' : 'are'} ${DEEDS[name].done}.`;
  return (
    <Shell place={place} title="Some failed" room="devices">
      <Heading
        title={`It failed for ${count(failures.length, 'device')} of ${of}`}
        back={{ href: back, label: 'Devices' }}
        lead={lead}
      />
      <Card flush>
        <Table
          caption="For which it failed, and why"
          rows={failures}
          columns={[
            {
              title: 'Device',
              names: true,
              cell: ({ placed: { record } }) => (
                <a class="name" href={linkTo(place, `devices/${record.id}`)}>
                  {record.name}
                </a>
              ),
            },
            { title: 'Why', cell: ({ refusal }) => refusal.message },
            { title: 'Next', cell: ({ refusal }) => refusal.next },
          ]}
        />
      </Card>
      <form method="post" action={linkTo(place, 'devices/bulk')} class="buttons">
        <input type="hidden" name="csrf" value={place.csrf} />
        <Again name={name} group={group} ids={ids} view={view} />
        <Button>Try these again</Button>
        <LinkButton href={back} kind="plain">
          Leave it
        </LinkButton>
      </form>
    </Shell>
  );
}

export function NonePicked({ place, view }: { readonly place: Place; readonly view: View }) {
  return (
    <Shell place={place} title="No device is picked" room="devices">
      <Heading title="No device is picked" />
      <Card>
        <Empty icon="devices" title="Nothing was done">
          <p>Tick the boxes of those that are meant, then choose what to do with them.</p>
          <LinkButton href={listLink(place, view)} kind="main-one">
            Back to the devices
          </LinkButton>
        </Empty>
      </Card>
    </Shell>
  );
}

function Again({
  name,
  group,
  ids,
  view,
}: {
  readonly name: DeedName;
  readonly group: string;
  readonly ids: readonly string[];
  readonly view: View;
}) {
  return (
    <>
      <input type="hidden" name="do" value={name} />
      <input type="hidden" name="group" value={group} />
      <input type="hidden" name="sure" value="yes" />
      <Kept view={view} />
      {ids.map((id) => (
        <input type="hidden" name="pick" value={id} />
      ))}
    </>
  );
}
