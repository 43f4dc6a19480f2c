// One device or site: which path shows it, and what is done to it.

import { Hono } from 'hono';
import { memberById } from '../../../directory/member-search.ts';
import { goTo, nothingHere, page } from '../../answer.tsx';
import { callApi, part } from '../../call.ts';
import { allowed, takeForm } from '../../door.ts';
import { WayIn } from '../../parts/way-in.tsx';
import type { ConsoleEnv } from '../../place.ts';
import { progressOf } from '../../progress.ts';
import { SYSTEMS } from '../../systems.ts';
import { handOut } from '../add-device.tsx';
import { showMember } from './page.tsx';

export const device = new Hono<ConsoleEnv>();

device.get('/:id', (c) => showMember(c));

/** Drawn anew by the page when the live feed says that something happened. */
device.get('/:id/way', async (c) => {
  const placed = await memberById(c.env.DB, c.var.place.networks, c.req.param('id'));
  if (!placed) return nothingHere(c);
  return page(c, <WayIn place={c.var.place} member={placed.record.id} progress={await progressOf(c, placed)} />);
});

for (const command of ['disconnect', 'rekey-ike'] as const) {
  device.post(`/:id/${command}`, allowed('members:write'), async (c) => {
    const placed =
      (await takeForm(c, command)) && (await memberById(c.env.DB, c.var.place.networks, c.req.param('id')));
    if (!placed) return goTo(c, 'devices');
    const { record, network } = placed;
    const told = await callApi(c, 'POST', `/networks/${part(network.name)}/members/${part(record.name)}/${command}`);
    const note = command === 'disconnect' ? 'disconnected' : 'rekeyed';
    return goTo(c, `${record.kind}s/${record.id}`, told.ok ? note : 'not-connected');
  });
}

device.post('/:id/revoke', allowed('members:write'), async (c) => {
  const placed = (await takeForm(c, 'revoke')) && (await memberById(c.env.DB, c.var.place.networks, c.req.param('id')));
  if (!placed) return goTo(c, 'devices');
  const { record, network } = placed;
  const done = await callApi(c, 'DELETE', `/networks/${part(network.name)}/${record.kind}s/${part(record.name)}`);
  if (!done.ok) return showMember(c, done.refusal.message);
  return goTo(c, `${record.kind}s`, record.kind === 'site' ? 'site-revoked' : 'device-revoked');
});

device.post('/:id/link', allowed('members:write'), async (c) => {
  const form = await takeForm(c, 'link');
  const system = SYSTEMS.find(({ id }) => id === form?.value('system'));
  return form && system ? handOut(c, c.req.param('id'), system) : goTo(c, `devices/${c.req.param('id')}`);
});
