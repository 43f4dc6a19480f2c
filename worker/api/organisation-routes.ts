// /organisation: the one that is asked about. /organisations: another one, where sign-up is open.

import { Hono } from 'hono';
import { firstAccountToken } from '../account/keys.ts';
import { type ApiEnv, require } from '../account/principal.ts';
import { consoleOrigin } from '../account/session.ts';
import { hasUsers } from '../account/sign-up.ts';
import { type Change, changeEntry } from '../directory/audit.ts';
import { checkDisplayName, findOrganisation, organisationEntry, renaming } from '../directory/organisations.ts';
import { personEntry } from '../directory/people.ts';
import { refuse } from '../directory/refusal.ts';
import { Fields } from './fields.ts';
import { readBody } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';

export const organisationRoutes = new Hono<ApiEnv>();

organisationRoutes.get('/organisation', async (c) => {
  return c.json({ organisation: await findOrganisation(c.env.DB, c.var.principal.organisation) });
});

organisationRoutes.patch('/organisation', require('settings:write'), async (c) => {
  const { principal } = c.var;
  const name = await readName(c);
  if (name instanceof Response) return name;
  const organisation = (await findOrganisation(c.env.DB, principal.organisation))!;
  const [before, after] = [{ name: organisation.name }, { name }];
  const change: Change = { action: 'organisation.change', target: 'organisation', before, after };
  await c.env.DB.batch([
    renaming(c.env.DB, principal.organisation, name),
    changeEntry(c.env.DB, principal, change, Date.now()),
  ]);
  return c.json({ organisation: { ...organisation, name } });
});

organisationRoutes.post('/organisations', async (c) => {
  const { user, label } = c.var.principal;
  if (!user || c.env.SIGN_UP !== 'open') {
    const message = user ? 'Here organisations are made by the operator.' : 'An organisation is made by a person.';
    return answerRefusal(c, refuse('sign-up-closed', message, 'Use the organisation that you have.').refusal);
  }
  const name = await readName(c);
  if (name instanceof Response) return name;
  const now = Date.now();
  const { id, entry } = organisationEntry(c.env.DB, name, now);
  const change: Change = { action: 'organisation.make', target: 'organisation', before: null, after: { name } };
  await c.env.DB.batch([
    entry,
    personEntry(c.env.DB, id, user.id, 'owner', now),
    changeEntry(c.env.DB, { organisation: id, label }, change, now),
  ]);
  return c.json({ organisation: { id, name, createdAt: now } }, 201);
});

/** The link by which the first account of the deployment is made; for its operator only. */
organisationRoutes.get('/first-account', async (c) => {
  if (c.var.principal.kind !== 'operator') {
    const message = 'This takes the operator token.';
    return answerRefusal(c, refuse('forbidden', message, 'Ask whoever runs this deployment.').refusal);
  }
  const link = `${consoleOrigin(c.env, c.req.raw)}/sign-up?first=${firstAccountToken(c.env)}`;
  return c.json({ link: (await hasUsers(c.env.DB)) ? null : link });
});

async function readName(c: ApiContext): Promise<string | Response> {
  const body = await readBody(c);
  if (!body.ok) return answerRefusal(c, body.refusal);
  const fields = new Fields(body.value, ['name']);
  const name = checkDisplayName('an organisation', fields.string('name') ?? '');
  if (!name.ok) fields.refuse(name);
  if (fields.refused) return answerRefusal(c, fields.refused.refusal);
  return name.ok ? name.value : '';
}
