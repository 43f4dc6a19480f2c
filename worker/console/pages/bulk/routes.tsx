// Does one thing to each of the devices that were picked, and tells of each for which it failed.

import { Hono } from 'hono';
import { memberById, type Placed } from '../../../directory/member-search.ts';
import type { Refusal } from '../../../directory/refusal.ts';
import { goTo, nothingHere, page } from '../../answer.tsx';
import { takeForm } from '../../door.ts';
import type { Typed } from '../../form.ts';
import { type ConsoleContext, type ConsoleEnv, may } from '../../place.ts';
import { DEEDS, type Deed, isDeed } from './deeds.ts';
import { NonePicked, Outcome, Sure } from './pages.tsx';
import { viewOf } from './view.ts';

export const bulk = new Hono<ConsoleEnv>();

/** As many as a page of the table has. */
const MOST = 50;

export interface Failure {
  readonly placed: Placed;
  readonly refusal: Refusal;
}

bulk.post('/', async (c) => {
  const { place } = c.var;
  const form = await takeForm(c, 'bulk');
  const name = form?.value('do') ?? '';
  if (!form || !isDeed(name)) return goTo(c, 'devices');
  const deed = DEEDS[name];
  const view = viewOf((field) => form.value(field));
  if (!may(place, deed.scope)) return nothingHere(c);
  const picked = await pickedIn(c, form);
  if (picked.length === 0) return page(c, <NonePicked place={place} view={view} />, 422);
  const group = form.value('group');
  if (deed.question && form.value('sure') !== 'yes') {
    return page(c, <Sure place={place} name={name} question={deed.question} picked={picked} view={view} />);
  }
  const failures = await doTo(c, deed, picked, group);
  if (failures.length === 0) return goTo(c, 'devices', deed.note, view);
  return page(
    c,
    <Outcome place={place} name={name} group={group} failures={failures} of={picked.length} view={view} />,
    422,
  );
});

/** One after the other, as one would do it by hand: a network is told of each. */
async function doTo(c: ConsoleContext, deed: Deed, picked: readonly Placed[], group: string): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const placed of picked) {
    const answer = await deed.act(c, placed, group);
    if (!answer.ok) failures.push({ placed, refusal: answer.refusal });
  }
  return failures;
}

async function pickedIn(c: ConsoleContext, form: Typed): Promise<Placed[]> {
  const ids = [...new Set(form.values('pick'))].slice(0, MOST);
  const found = await Promise.all(ids.map((id) => memberById(c.env.DB, c.var.place.networks, id)));
  return found.filter((each) => each !== null);
}
