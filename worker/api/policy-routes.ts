// /networks/:network/policy

import { Hono } from 'hono';
import { changes } from '../../src/policy/changes.ts';
import { namedMembers } from '../../src/policy/cohorts.ts';
import { explain } from '../../src/policy/explain.ts';
import { IpProtocol } from '../../src/wire/ip-protocol.ts';
import { formatAddress } from '../../src/wire/prefix.ts';
import { type ApiEnv, require } from '../account/principal.ts';
import { type Change, recordChange } from '../directory/audit.ts';
import type { Network } from '../directory/networks.ts';
import { type Asked, cohortsOf, findPlace } from '../directory/places.ts';
import { policyHistory, readPolicy, replacePolicy } from '../directory/policies.ts';
import { type NamedPolicy, policyOf } from '../directory/policy-rules.ts';
import { findSubjects, withNames } from '../directory/policy-subjects.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import { tellChanged } from './edge.ts';
import type { AccessAnswerView } from './json.ts';
import { type Question, readPolicyRequest, readQuestion } from './policy-request.ts';
import { viewChange, viewPolicy, viewRule } from './policy-views.ts';
import { networkOf, readBody } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';

export const policyRoutes = new Hono<ApiEnv>();

/** More are not compared: a change that tells so many apart is told of in part. */
const COHORTS = 200;

policyRoutes.get('/policy', require('policy:read'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  return c.json({ policy: viewPolicy(await named(c, network.value)) });
});

policyRoutes.put('/policy', require('policy:write'), async (c) => {
  const wanted = await wantedPolicy(c, true);
  if (!wanted.ok) return answerRefusal(c, wanted.refusal);
  const { network, policy } = wanted.value;
  const now = Date.now();
  const before = viewPolicy(await named(c, network));
  const replaced = await replacePolicy(c.env.DB, network, policy, c.var.principal.label, now);
  if (!replaced.ok) return answerRefusal(c, replaced.refusal);
  const change: Change = {
    action: 'policy.replace',
    target: `policy ${network.name}`,
    before,
    after: viewPolicy(replaced.value),
  };
  await recordChange(c.env.DB, c.var.principal, change, now);
  await tellChanged(c, network);
  return c.json({ policy: viewPolicy(replaced.value) });
});

policyRoutes.get('/policy/history', require('policy:read'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const before = Number(c.req.query('before') ?? Number.MAX_SAFE_INTEGER);
  const { versions, next } = await policyHistory(c.env.DB, network.value, Number.isInteger(before) ? { before } : {});
  return c.json({ versions: versions.map((each) => ({ ...viewPolicy(each), who: each.who, at: each.at })), next });
});

/** What a policy would change, before it does. */
policyRoutes.post('/policy/dry-run', require('policy:read'), async (c) => {
  const wanted = await wantedPolicy(c, false);
  if (!wanted.ok) return answerRefusal(c, wanted.refusal);
  const { network, policy } = wanted.value;
  const before = policyOf(await readPolicy(c.env.DB, network));
  const after = policyOf(policy);
  const cohorts = await cohortsOf(c.env.DB, network, namedMembers(before, after), COHORTS + 1);
  const found = changes(before, after, cohorts.slice(0, COHORTS));
  const complete = found.complete && cohorts.length <= COHORTS;
  return c.json({ ...found, complete, changes: found.changes.map(viewChange) });
});

/** Can one reach the other? Answered by what decides about packets. */
policyRoutes.post('/policy/ask', require('policy:read'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const body = await readBody(c);
  const question = body.ok ? readQuestion(body.value) : body;
  if (!question.ok) return answerRefusal(c, question.refusal);
  const answer = await answerTo(c, network.value, question.value);
  return answer.ok ? c.json({ answer: answer.value }) : answerRefusal(c, answer.refusal);
});

async function answerTo(c: ApiContext, network: Network, question: Question): Promise<Result<AccessAnswerView>> {
  const [from, to] = [
    await findPlace(c.env.DB, network, question.from, 'from'),
    await findPlace(c.env.DB, network, question.to, 'to'),
  ];
  if (!from.ok) return from;
  if (!to.ok) return to;
  const ends = meetingPoint(from.value, to.value);
  if (!ends.ok) return ends;
  const { source, target } = ends.value;
  const policy = await named(c, network);
  const isIcmp = question.protocol === IpProtocol.ICMP;
  const protocol = isIcmp && source.length === 16 ? IpProtocol.ICMPV6 : question.protocol;
  const places = [
    { party: from.value.party, address: source },
    { party: to.value.party, address: target },
  ] as const;
  const verdict = explain(policyOf(policy), ...places, { protocol, port: question.port });
  const position = policy.rules.findIndex(({ id }) => id === verdict.rule);
  return done({
    allowed: verdict.allow,
    position: position < 0 ? null : position + 1,
    rule: position < 0 ? null : viewRule(policy.rules[position]!),
    default: policy.default,
    from: { name: from.value.record.name, kind: from.value.record.kind, address: formatAddress(source) },
    to: { name: to.value.record.name, kind: to.value.record.kind, address: formatAddress(target) },
  });
}

/** Addresses of one family. */
function meetingPoint(from: Asked, to: Asked): Result<{ source: Uint8Array; target: Uint8Array }> {
  for (const target of to.addresses) {
    const source = from.addresses.find(({ length }) => length === target.length);
    if (source) return done({ source, target });
  }
  return refuse(
    'bad-value',
    `'${from.record.name}' and '${to.record.name}' have no address family in common, so neither reaches the other.`,
    'Ask about two that have.',
  );
}

async function named(c: ApiContext, network: Network): Promise<NamedPolicy> {
  return withNames(c.env.DB, network, await readPolicy(c.env.DB, network));
}

async function wantedPolicy(
  c: ApiContext,
  isReplacing: boolean,
): Promise<Result<{ readonly network: Network; readonly policy: NamedPolicy }>> {
  const network = await networkOf(c);
  if (!network.ok) return network;
  const body = await readBody(c);
  const wanted = body.ok ? readPolicyRequest(body.value, isReplacing) : body;
  if (!wanted.ok) return wanted;
  const policy = await findSubjects(c.env.DB, network.value, wanted.value);
  return policy.ok ? done({ network: network.value, policy: policy.value }) : policy;
}
