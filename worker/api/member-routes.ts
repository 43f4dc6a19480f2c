// /networks/:network/devices and /networks/:network/sites

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';
import { type Change, changeEntry, memberTarget } from '../directory/audit.ts';
import { type Enrolment, enrol } from '../directory/enrol.ts';
import type { MemberKind } from '../directory/member-record.ts';
import { assignOwner, findMember, listMembers, revokeMember } from '../directory/members.ts';
import { deploymentDomain, shorten } from '../directory/names.ts';
import { findPerson } from '../directory/people.ts';
import type { Result } from '../directory/refusal.ts';
import { tellChanged, tellReach, tellRevoked } from './edge.ts';
import { readLimit } from './limit.ts';
import { readDevice, readOwner, readSite } from './member-request.ts';
import { networkOf, readBody, registrarOf } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';
import { viewMember } from './views.ts';

export const memberRoutes = new Hono<ApiEnv>();

memberRoutes.get('/devices', require('members:read'), (c) => list(c, 'device'));
memberRoutes.get('/sites', require('members:read'), (c) => list(c, 'site'));
memberRoutes.post('/devices', require('members:write'), (c) => add(c, readDevice));
memberRoutes.post('/sites', require('members:write'), (c) => add(c, readSite));
memberRoutes.get('/devices/:member', require('members:read'), (c) => show(c, 'device'));
memberRoutes.get('/sites/:member', require('members:read'), (c) => show(c, 'site'));
memberRoutes.patch('/devices/:member', require('members:write'), (c) => give(c));
memberRoutes.delete('/devices/:member', require('members:write'), (c) => revoke(c, 'device'));
memberRoutes.delete('/sites/:member', require('members:write'), (c) => revoke(c, 'site'));

async function list(c: ApiContext, kind: MemberKind): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const limit = readLimit(c.req.query('limit'));
  if (!limit.ok) return answerRefusal(c, limit.refusal);
  const page = { after: c.req.query('after') ?? '', prefix: c.req.query('prefix') ?? '', limit: limit.value };
  const { members, next } = await listMembers(c.env.DB, network.value, kind, page);
  const views = members.map((record) => viewMember(record, network.value, deploymentDomain(c.env)));
  return c.json({ [`${kind}s`]: views, next });
}

async function show(c: ApiContext, kind: MemberKind): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const found = await findMember(c.env.DB, network.value, kind, c.req.param('member') ?? '');
  if (!found.ok) return answerRefusal(c, found.refusal);
  return c.json({ [kind]: viewMember(found.value, network.value, deploymentDomain(c.env)) });
}

/** The secret of a new member is told this once; after that it is in the profile only. */
async function add(c: ApiContext, read: (body: unknown) => Result<Enrolment>): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const body = await readBody(c);
  const input = body.ok ? read(body.value) : body;
  if (!input.ok) return answerRefusal(c, input.refusal);
  const registrar = await registrarOf(c);
  const now = Date.now();
  const { kind, name, auth, prefixes, owner = null } = input.value;
  const after = { auth, ...(kind === 'site' ? { prefixes: prefixes.map(formatPrefix) } : { owner }) };
  const change: Change = {
    action: `${kind}.add`,
    target: memberTarget(kind, network.value, name),
    before: null,
    after,
  };
  const entry = changeEntry(c.env.DB, c.var.principal, change, now);
  const added = await enrol(registrar, network.value, input.value, now, [entry]);
  if (!added.ok) return answerRefusal(c, added.refusal);
  if (input.value.kind === 'site') await tellReach(c, network.value);
  else await tellChanged(c, network.value);
  const { record, secret } = added.value;
  const view = viewMember(record, network.value, registrar.domain);
  return c.json({ [record.kind]: secret === null ? view : { ...view, secret } }, 201);
}

/** A device belongs to one of the organisation's people, or to nobody. */
async function give(c: ApiContext): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const found = await findMember(c.env.DB, network.value, 'device', c.req.param('member') ?? '');
  if (!found.ok) return answerRefusal(c, found.refusal);
  const body = await readBody(c);
  const owner = body.ok ? readOwner(body.value) : body;
  if (!owner.ok) return answerRefusal(c, owner.refusal);
  const { organisation } = c.var.principal;
  const person = owner.value === null ? null : await findPerson(c.env.DB, organisation, owner.value);
  if (person && !person.ok) return answerRefusal(c, person.refusal);
  const [before, after] = [{ owner: found.value.owner }, { owner: owner.value }];
  const target = memberTarget('device', network.value, found.value.name);
  const entry = changeEntry(c.env.DB, c.var.principal, { action: 'device.give', target, before, after }, Date.now());
  await c.env.DB.batch([assignOwner(c.env.DB, found.value, owner.value), entry]);
  const view = viewMember({ ...found.value, owner: owner.value }, network.value, deploymentDomain(c.env));
  return c.json({ device: view });
}

async function revoke(c: ApiContext, kind: MemberKind): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const now = Date.now();
  const name = c.req.param('member') ?? '';
  const target = memberTarget(kind, network.value, shorten(name));
  const change: Change = { action: `${kind}.revoke`, target, before: { revokedAt: null }, after: { revokedAt: now } };
  const entry = changeEntry(c.env.DB, c.var.principal, change, now);
  const revoked = await revokeMember(c.env.DB, network.value, kind, name, now, [entry]);
  if (!revoked.ok) return answerRefusal(c, revoked.refusal);
  const told = await tellRevoked(c, network.value, revoked.value);
  if (!told.ok) return answerRefusal(c, told.refusal);
  if (kind === 'site') await tellReach(c, network.value);
  else await tellChanged(c, network.value);
  return c.json({ [kind]: viewMember(revoked.value, network.value, deploymentDomain(c.env)) });
}
