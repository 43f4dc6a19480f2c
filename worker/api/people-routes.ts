// /people: who belongs to the organisation, and as what. /me: who asks.

import { Hono } from 'hono';
import { type ApiEnv, forbidden, type Principal, require, type Role } from '../account/principal.ts';
import { type Change, recordChange } from '../directory/audit.ts';
import { changeRole, findPerson, listPeople, membershipsOf, type Person, removePerson } from '../directory/people.ts';
import { done, type Refused, refuse, type Result } from '../directory/refusal.ts';
import { Fields } from './fields.ts';
import { readBody } from './request.ts';
import { answerRefusal } from './respond.ts';

export const peopleRoutes = new Hono<ApiEnv>();

export const ROLES: readonly Role[] = ['owner', 'admin', 'auditor', 'member'];

peopleRoutes.get('/me', async (c) => {
  const { kind, organisation, user, role, scopes, label } = c.var.principal;
  const organisations = user ? await membershipsOf(c.env.DB, user.id) : [];
  return c.json({ me: { kind, organisation, user, role, scopes: [...scopes], label }, organisations });
});

peopleRoutes.get('/people', require('people:read'), async (c) => {
  return c.json(await listPeople(c.env.DB, c.var.principal.organisation, c.req.query('after') ?? ''));
});

peopleRoutes.patch('/people/:user', require('people:write'), async (c) => {
  const { principal } = c.var;
  const person = await findPerson(c.env.DB, principal.organisation, c.req.param('user'));
  if (!person.ok) return answerRefusal(c, person.refusal);
  const body = await readBody(c);
  const fields = body.ok ? new Fields(body.value, ['role']) : body;
  if (!(fields instanceof Fields)) return answerRefusal(c, fields.refusal);
  const role = readRole(fields);
  const refused = fields.refused ?? ownersOnly(principal, person.value.role, role);
  if (refused) return answerRefusal(c, refused.refusal);
  const changed = await changeRole(c.env.DB, principal.organisation, person.value.id, role);
  if (!changed.ok) return answerRefusal(c, changed.refusal);
  const [before, after] = [{ role: person.value.role }, { role }];
  const change: Change = { action: 'person.change', target: `person ${person.value.email}`, before, after };
  await recordChange(c.env.DB, principal, change, Date.now());
  return c.json({ person: { ...person.value, role } });
});

/** Everybody may leave; others are removed by who may. */
peopleRoutes.delete('/people/:user', async (c) => {
  const { principal } = c.var;
  const person = await whoLeaves(c.env.DB, principal, c.req.param('user'));
  if (!person.ok) return answerRefusal(c, person.refusal);
  const { id, email, role } = person.value;
  const removed = await removePerson(c.env.DB, principal.organisation, id);
  if (!removed.ok) return answerRefusal(c, removed.refusal);
  const action = principal.user?.id === id ? 'person.leave' : 'person.remove';
  await recordChange(
    c.env.DB,
    principal,
    { action, target: `person ${email}`, before: { role }, after: null },
    Date.now(),
  );
  return c.json({ removed: id });
});

async function whoLeaves(db: D1Database, principal: Principal, user: string): Promise<Result<Person>> {
  const self = principal.user?.id === user;
  if (!self && !principal.scopes.has('people:write')) return forbidden('people:write');
  const person = await findPerson(db, principal.organisation, user);
  if (!person.ok || self) return person;
  return ownersOnly(principal, person.value.role) ?? done(person.value);
}

export function readRole(fields: Fields): Role {
  const text = fields.string('role') ?? '';
  const role = ROLES.find((each) => each === text);
  if (role) return role;
  const next = `Give one of ${ROLES.join(', ')} as 'role'.`;
  fields.refuse(refuse('bad-value', `'${text.slice(0, 60)}' is no role.`, next), 'role');
  return 'member';
}

/** An admin neither makes, changes nor removes an owner. */
export function ownersOnly(principal: Principal, ...roles: readonly Role[]): Refused | null {
  if (principal.role === 'owner' || !roles.includes('owner')) return null;
  return refuse('owners-only', 'Only owners make, change and remove owners.', 'Ask an owner of the organisation.');
}
