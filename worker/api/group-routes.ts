// /networks/:network/groups

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { type Change, recordChange } from '../directory/audit.ts';
import {
  addGroup,
  addToGroup,
  findGroup,
  type Group,
  groupsOfMember,
  listGroupMembers,
  listGroups,
  removeFromGroup,
  removeGroup,
  renameGroup,
} from '../directory/groups.ts';
import type { Action } from '../directory/actions.ts';
import { findMember } from '../directory/members.ts';
import { checkName } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import { tellChanged } from './edge.ts';
import { Fields } from './fields.ts';
import type { GroupView } from './json.ts';
import { readLimit } from './limit.ts';
import { networkOf, readBody } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';

export const groupRoutes = new Hono<ApiEnv>();

/** Members that one request adds. */
const MEMBERS = 200;
/** Members on a page of them, where no other size is asked for. */
const SHOWN = 100;

groupRoutes.get('/groups', require('policy:read'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  return c.json({ groups: (await listGroups(c.env.DB, network.value)).map(viewGroup) });
});

groupRoutes.get('/members/:member/groups', require('policy:read'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const member = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  if (!member.ok) return answerRefusal(c, member.refusal);
  return c.json({ groups: (await groupsOfMember(c.env.DB, member.value.id)).map(viewGroup) });
});

groupRoutes.post('/groups', require('policy:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const name = await nameIn(c);
  if (!name.ok) return answerRefusal(c, name.refusal);
  const added = await addGroup(c.env.DB, network.value, name.value, Date.now());
  if (!added.ok) return answerRefusal(c, added.refusal);
  await record(c, network.value, name.value, 'group.add', null, { name: name.value });
  return c.json({ group: viewGroup(added.value) }, 201);
});

groupRoutes.get('/groups/:group', require('policy:read'), async (c) => {
  const found = await groupOf(c);
  if (!found.ok) return answerRefusal(c, found.refusal);
  const limit = readLimit(c.req.query('limit'), SHOWN);
  if (!limit.ok) return answerRefusal(c, limit.refusal);
  const page = { after: c.req.query('after') ?? '', limit: limit.value };
  const { members, next } = await listGroupMembers(c.env.DB, found.value.group, page);
  return c.json({
    group: viewGroup(found.value.group),
    members: members.map(({ name, kind }) => ({ name, kind })),
    next,
  });
});

groupRoutes.patch('/groups/:group', require('policy:write'), async (c) => {
  const found = await groupOf(c);
  if (!found.ok) return answerRefusal(c, found.refusal);
  const name = await nameIn(c);
  if (!name.ok) return answerRefusal(c, name.refusal);
  const renamed = await renameGroup(c.env.DB, found.value.network, found.value.group, name.value);
  if (!renamed.ok) return answerRefusal(c, renamed.refusal);
  const [before, after] = [{ name: found.value.group.name }, { name: name.value }];
  await record(c, found.value.network, name.value, 'group.rename', before, after);
  return c.json({ group: viewGroup(renamed.value) });
});

groupRoutes.delete('/groups/:group', require('policy:write'), async (c) => {
  const found = await groupOf(c);
  if (!found.ok) return answerRefusal(c, found.refusal);
  const { network, group } = found.value;
  const removed = await removeGroup(c.env.DB, network, group);
  if (!removed.ok) return answerRefusal(c, removed.refusal);
  await record(c, network, group.name, 'group.remove', { members: group.members }, null);
  await tellChanged(c, network);
  return c.json({ removed: group.name });
});

groupRoutes.post('/groups/:group/members', require('policy:write'), async (c) => {
  const found = await groupOf(c);
  if (!found.ok) return answerRefusal(c, found.refusal);
  const names = await membersIn(c);
  if (!names.ok) return answerRefusal(c, names.refusal);
  const { network, group } = found.value;
  const added = await addToGroup(c.env.DB, network, group, names.value, Date.now());
  if (!added.ok) return answerRefusal(c, added.refusal);
  await record(c, network, group.name, 'group.join', null, { members: added.value.map((each) => each.name) });
  await tellChanged(c, network);
  return c.json({ group: group.name, added: added.value.map(({ name }) => name) });
});

groupRoutes.delete('/groups/:group/members/:member', require('policy:write'), async (c) => {
  const found = await groupOf(c);
  if (!found.ok) return answerRefusal(c, found.refusal);
  const { network, group } = found.value;
  const removed = await removeFromGroup(c.env.DB, network, group, c.req.param('member'));
  if (!removed.ok) return answerRefusal(c, removed.refusal);
  await record(c, network, group.name, 'group.leave', { member: removed.value.name }, null);
  await tellChanged(c, network);
  return c.json({ group: group.name, removed: removed.value.name });
});

async function record(
  c: ApiContext,
  network: Network,
  name: string,
  action: Action,
  before: unknown,
  after: unknown,
): Promise<void> {
  const change: Change = { action, target: `group ${network.name}/${name}`, before, after };
  await recordChange(c.env.DB, c.var.principal, change, Date.now());
}

async function groupOf(c: ApiContext): Promise<Result<{ readonly network: Network; readonly group: Group }>> {
  const network = await networkOf(c);
  if (!network.ok) return network;
  const group = await findGroup(c.env.DB, network.value, c.req.param('group') ?? '');
  return group.ok ? done({ network: network.value, group: group.value }) : group;
}

async function nameIn(c: ApiContext): Promise<Result<string>> {
  const body = await readBody(c);
  if (!body.ok) return body;
  const fields = new Fields(body.value, ['name']);
  const name = checkName('group', fields.string('name') ?? '');
  if (!name.ok) fields.refuse(name, 'name');
  return fields.refused ?? name;
}

async function membersIn(c: ApiContext): Promise<Result<string[]>> {
  const body = await readBody(c);
  if (!body.ok) return body;
  const fields = new Fields(body.value, ['members']);
  const names = fields.strings('members', MEMBERS) ?? [];
  if (names.length === 0) {
    const nobody = refuse('bad-value', "'members' names nobody.", `Send a list of at most ${MEMBERS} names.`);
    fields.refuse(nobody, 'members');
  }
  return fields.refused ?? done(names);
}

function viewGroup({ id, name, members, createdAt }: Group): GroupView {
  return { id, name, members, createdAt };
}
