// Asks before something is done to a member: by a button that opens a dialog, or on a page of its own.

import { nothingHere, page } from '../../answer.tsx';
import { Dialog, Opens, QuestionCard } from '../../parts/dialog.tsx';
import { Heading, Shell } from '../../parts/shell.tsx';
import { type ConsoleContext, linkTo, type Place } from '../../place.ts';
import { memberById, type Placed } from '../../../directory/member-search.ts';
import { type Asked, fits, questionOf } from './questions.ts';

interface AskProps {
  readonly place: Place;
  readonly placed: Placed;
  readonly asked: Asked;
}

export function Ask({ place, placed: { record }, asked }: AskProps) {
  if (!fits(asked, record)) return null;
  const { title, text, yes, danger } = questionOf(asked, record);
  const action = linkTo(place, `devices/${record.id}/${asked}`);
  return (
    <>
      <Opens id={asked} href={action} danger={asked === 'revoke'}>
        {yes}…
      </Opens>
      <Dialog id={asked} title={title} action={action} csrf={place.csrf} yes={yes} danger={danger}>
        <p>{text}</p>
      </Dialog>
    </>
  );
}

export async function askPage(c: ConsoleContext, asked: Asked): Promise<Response> {
  const { place } = c.var;
  const placed = await memberById(c.env.DB, place.networks, c.req.param('id') ?? '');
  if (!placed || !fits(asked, placed.record)) return nothingHere(c);
  const { record, network } = placed;
  const here: Place = { ...place, network };
  const { title, text, yes, danger } = questionOf(asked, record);
  const room = record.kind === 'site' ? 'sites' : 'devices';
  const back = linkTo(here, `${room}/${record.id}`);
  return page(
    c,
    <Shell place={here} title={title} room={room}>
      <Heading title={title} back={{ href: back, label: record.name }} />
      <QuestionCard
        action={linkTo(here, `devices/${record.id}/${asked}`)}
        csrf={place.csrf}
        yes={yes}
        danger={danger}
        no={back}
      >
        <p>{text}</p>
      </QuestionCard>
    </Shell>,
  );
}
