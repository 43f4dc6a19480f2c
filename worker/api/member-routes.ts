// /networks/:network/devices and /networks/:network/sites

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { type Enrolment, enrol } from '../directory/enrol.ts';
import type { MemberKind } from '../directory/member-record.ts';
import { findMember, listMembers, revokeMember } from '../directory/members.ts';
import { deploymentDomain } from '../directory/names.ts';
import type { Result } from '../directory/refusal.ts';
import { tellChanged, tellRevoked } from './edge.ts';
import { readDevice, readSite } from './member-request.ts';
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
memberRoutes.delete('/devices/:member', require('members:write'), (c) => revoke(c, 'device'));
memberRoutes.delete('/sites/:member', require('members:write'), (c) => revoke(c, 'site'));

async function list(c: ApiContext, kind: MemberKind): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const { members, next } = await listMembers(c.env.DB, network.value, kind, { after: c.req.query('after') ?? '' });
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
  const added = await enrol(registrar, network.value, input.value, Date.now());
  if (!added.ok) return answerRefusal(c, added.refusal);
  await tellChanged(c, network.value);
  const { record, secret } = added.value;
  const view = viewMember(record, network.value, registrar.domain);
  return c.json({ [record.kind]: secret === null ? view : { ...view, secret } }, 201);
}

async function revoke(c: ApiContext, kind: MemberKind): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const revoked = await revokeMember(c.env.DB, network.value, kind, c.req.param('member') ?? '', Date.now());
  if (!revoked.ok) return answerRefusal(c, revoked.refusal);
  const told = await tellRevoked(c, network.value, revoked.value);
  if (!told.ok) return answerRefusal(c, told.refusal);
  await tellChanged(c, network.value);
  return c.json({ [kind]: viewMember(revoked.value, network.value, deploymentDomain(c.env)) });
}
