// Groups: which path shows one, and what changes it.

import { Hono } from 'hono';
import { goTo } from '../../answer.tsx';
import { type Answer, callApi, part } from '../../call.ts';
import { allowed, takeForm } from '../../door.ts';
import { Typed } from '../../form.ts';
import type { ConsoleContext, ConsoleEnv } from '../../place.ts';
import { groupPage } from './group.tsx';
import { accessPage } from './page.tsx';

export const groups = new Hono<ConsoleEnv>();

groups.post('/', allowed('policy:write'), async (c) => {
  const form = await takeForm(c, 'group');
  const { network } = c.var.place;
  if (!form || !network) return goTo(c, 'access');
  const name = form.value('name').trim();
  const added = await callApi(c, 'POST', `/networks/${part(network.name)}/groups`, { name });
  if (!added.ok) return accessPage(c, new Typed('rule'), form.refuse(added.refusal));
  return goTo(c, `access/groups/${part(name)}`, 'group-saved');
});

groups.get('/:group', (c) => groupPage(c));

groups.post('/:group/join', allowed('policy:write'), async (c) => {
  const taken = await take(c, 'join');
  if (!taken) return goTo(c, 'access');
  const { form, path, here } = taken;
  return told(c, form, await callApi(c, 'POST', `${path}/members`, { members: form.list('members') }), () =>
    goTo(c, here, 'group-saved'),
  );
});

groups.post('/:group/leave', allowed('policy:write'), async (c) => {
  const taken = await take(c, 'leave');
  if (!taken) return goTo(c, 'access');
  const { form, path, here } = taken;
  const member = part(form.value('member'));
  return told(c, form, await callApi(c, 'DELETE', `${path}/members/${member}`), () => goTo(c, here, 'group-left'));
});

groups.post('/:group/rename', allowed('policy:write'), async (c) => {
  const taken = await take(c, 'rename');
  if (!taken) return goTo(c, 'access');
  const { form, path } = taken;
  const name = form.value('name').trim();
  return told(c, form, await callApi(c, 'PATCH', path, { name }), () =>
    goTo(c, `access/groups/${part(name)}`, 'group-saved'),
  );
});

groups.post('/:group/remove', allowed('policy:write'), async (c) => {
  const taken = await take(c, 'remove');
  if (!taken) return goTo(c, 'access');
  return told(c, taken.form, await callApi(c, 'DELETE', taken.path), () => goTo(c, 'access', 'group-removed'));
});

interface Taken {
  readonly form: Typed;
  /** Of the API, and of the page. */
  readonly path: string;
  readonly here: string;
}

async function take(c: ConsoleContext, id: string): Promise<Taken | null> {
  const form = await takeForm(c, id);
  const { network } = c.var.place;
  const name = part(c.req.param('group') ?? '');
  if (!form || !network) return null;
  return { form, path: `/networks/${part(network.name)}/groups/${name}`, here: `access/groups/${name}` };
}

function told(
  c: ConsoleContext,
  form: Typed,
  answer: Answer<unknown>,
  next: () => Response,
): Response | Promise<Response> {
  return answer.ok ? next() : groupPage(c, form.refuse(answer.refusal));
}
