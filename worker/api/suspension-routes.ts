// /networks/:network/{devices,sites}/:member/suspension: who may not connect for a while.

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { type Change, changeEntry, memberTarget } from '../directory/audit.ts';
import type { MemberKind } from '../directory/member-record.ts';
import { deploymentDomain, shorten } from '../directory/names.ts';
import { setSuspended } from '../directory/suspension.ts';
import { tellSuspension } from './edge.ts';
import { networkOf } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';
import { viewMember } from './views.ts';

export const suspensionRoutes = new Hono<ApiEnv>();

for (const kind of ['device', 'site'] as const) {
  suspensionRoutes.put(`/${kind}s/:member/suspension`, require('members:write'), (c) => set(c, kind, true));
  suspensionRoutes.delete(`/${kind}s/:member/suspension`, require('members:write'), (c) => set(c, kind, false));
}

async function set(c: ApiContext, kind: MemberKind, suspended: boolean): Promise<Response> {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const now = Date.now();
  const name = c.req.param('member') ?? '';
  const target = memberTarget(kind, network.value, shorten(name));
  const [before, after] = [{ suspended: !suspended }, { suspended }];
  const change: Change = { action: `${kind}.${suspended ? 'suspend' : 'resume'}`, target, before, after };
  const entry = changeEntry(c.env.DB, c.var.principal, change, now);
  const record = await setSuspended(c.env.DB, network.value, { kind, name, suspended }, now, [entry]);
  if (!record.ok) return answerRefusal(c, record.refusal);
  const told = await tellSuspension(c, network.value, record.value);
  if (!told.ok) return answerRefusal(c, told.refusal);
  return c.json({ [kind]: viewMember(record.value, network.value, deploymentDomain(c.env)) });
}
