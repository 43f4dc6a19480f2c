// One device or site: which path shows it, and what is done to it.

import { Hono } from 'hono';
import { memberById, type Placed } from '../../../directory/member-search.ts';
import { goTo, nothingHere, page } from '../../answer.tsx';
import { type Answer, callApi, part } from '../../call.ts';
import { allowed, takeForm } from '../../door.ts';
import type { Typed } from '../../form.ts';
import type { Note } from '../../notes.ts';
import { WayIn } from '../../parts/way-in.tsx';
import { type ConsoleContext, type ConsoleEnv, linkTo } from '../../place.ts';
import { progressOf } from '../../progress.ts';
import { SYSTEMS } from '../../systems.ts';
import { handOut } from '../add-device.tsx';
import { askPage } from './ask.tsx';
import { showMember } from './page.tsx';
import { ASKED } from './questions.ts';

export const device = new Hono<ConsoleEnv>();

device.get('/:id', (c) => showMember(c));

/** Drawn anew by the page when the live feed says that something happened. */
device.get('/:id/way', async (c) => {
  const placed = await memberById(c.env.DB, c.var.place.networks, c.req.param('id'));
  if (!placed) return nothingHere(c);
  return page(c, <WayIn place={c.var.place} member={placed.record.id} progress={await progressOf(c, placed)} />);
});

for (const asked of ASKED) device.get(`/:id/${asked}`, allowed('members:write'), (c) => askPage(c, asked));

for (const command of ['disconnect', 'rekey-ike'] as const) {
  device.post(`/:id/${command}`, allowed('members:write'), async (c) => {
    const taken = await takePlaced(c);
    if (!taken) return goTo(c, 'devices');
    const { record } = taken.placed;
    const told = await callApi(c, 'POST', `${memberPath(taken.placed)}/${command}`);
    const note = command === 'disconnect' ? 'disconnected' : 'rekeyed';
    return goTo(c, `${record.kind}s/${record.id}`, told.ok ? note : 'not-connected');
  });
}

device.post('/:id/suspend', allowed('members:write'), (c) =>
  act(c, 'suspended', (placed) => callApi(c, 'PUT', `${ownPath(placed)}/suspension`)),
);

device.post('/:id/resume', allowed('members:write'), (c) =>
  act(c, 'resumed', (placed) => callApi(c, 'DELETE', `${ownPath(placed)}/suspension`)),
);

device.post('/:id/renew', allowed('members:write'), (c) =>
  act(c, 'certificate-renewed', (placed) => callApi(c, 'POST', `${memberPath(placed)}/certificate`), 'profiles'),
);

device.post('/:id/groups/join', allowed('policy:write'), (c) =>
  act(c, 'group-joined', ({ record, network }, form) =>
    callApi(c, 'POST', `/networks/${part(network.name)}/groups/${part(form.value('group'))}/members`, {
      members: [record.name],
    }),
  ),
);

device.post('/:id/groups/leave', allowed('policy:write'), (c) =>
  act(c, 'group-left', ({ record, network }, form) => {
    const group = `/networks/${part(network.name)}/groups/${part(form.value('group'))}`;
    return callApi(c, 'DELETE', `${group}/members/${part(record.name)}`);
  }),
);

device.post('/:id/revoke', allowed('members:write'), async (c) => {
  const taken = await takePlaced(c);
  if (!taken) return goTo(c, 'devices');
  const { kind } = taken.placed.record;
  const done = await callApi(c, 'DELETE', ownPath(taken.placed));
  if (!done.ok) return showMember(c, done.refusal);
  return goTo(c, `${kind}s`, kind === 'site' ? 'site-revoked' : 'device-revoked');
});

device.post('/:id/link', allowed('members:write'), async (c) => {
  const form = await takeForm(c, 'link');
  const system = SYSTEMS.find(({ id }) => id === form?.value('system'));
  return form && system ? handOut(c, c.req.param('id'), system) : goTo(c, `devices/${c.req.param('id')}`);
});

interface Taken {
  readonly form: Typed;
  readonly placed: Placed;
}

/** null where the form is not ours, or there is no such member. */
async function takePlaced(c: ConsoleContext): Promise<Taken | null> {
  const form = await takeForm(c, 'act');
  const placed = form && (await memberById(c.env.DB, c.var.place.networks, c.req.param('id') ?? ''));
  return placed ? { form, placed } : null;
}

/** Does one thing and shows the member again, with what came of it. */
async function act(
  c: ConsoleContext,
  note: Note,
  change: (placed: Placed, form: Typed) => Promise<Answer<unknown>>,
  tab: string | null = null,
): Promise<Response> {
  const taken = await takePlaced(c);
  if (!taken) return goTo(c, 'devices');
  const { record } = taken.placed;
  const done = await change(taken.placed, taken.form);
  if (!done.ok) return showMember(c, done.refusal);
  return c.redirect(linkTo(c.var.place, `${record.kind}s/${record.id}`, { tab, note }), 303);
}

function memberPath({ record, network }: Placed): string {
  return `/networks/${part(network.name)}/members/${part(record.name)}`;
}

function ownPath({ record, network }: Placed): string {
  return `/networks/${part(network.name)}/${record.kind}s/${part(record.name)}`;
}
