// What happens now: who is connected, what handshakes came of, and commands to one connection.

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import type { Command } from '../../src/peer/output.ts';
import { STRANGERS } from '../edge/strangers.ts';
import { type Change, memberTarget, recordChange } from '../directory/audit.ts';
import { findMember, findMemberEver } from '../directory/members.ts';
import { shorten } from '../directory/names.ts';
import { findNetwork, listNetworks, type Network } from '../directory/networks.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import { reportOf } from '../explain/report.ts';
import { attemptsOf } from './attempts.ts';
import { findingsOn } from './findings.ts';
import type { AttemptView, NetworkStatusView, PeerView, StatusView } from './json.ts';
import { peersOf } from './peers.ts';
import { networkOf } from './request.ts';
import { type ApiContext, answerRefusal } from './respond.ts';

export const liveRoutes = new Hono<ApiEnv>();

const COMMANDS = {
  'rekey-child': { kind: 'rekey-child' },
  'rekey-ike': { kind: 'rekey-ike' },
  disconnect: { kind: 'terminate', reason: 'disconnected by the operator' },
} as const satisfies Record<string, Command>;

const ATTEMPTS = 100;

/** Connected peers, at most 100 of each network; `more` tells where to go on. A network that does not answer hides no other. */
liveRoutes.get('/status', require('status:read'), async (c) => {
  const networks = await networksAsked(c);
  if (!networks.ok) return answerRefusal(c, networks.refusal);
  const after = c.req.query('network') === undefined ? '' : (c.req.query('after') ?? '');
  const live = c.req.query('live') === '1';
  const peers: PeerView[] = [];
  const states: NetworkStatusView[] = [];
  const more: { network: string; after: string }[] = [];
  for (const network of networks.value) {
    const { name } = network;
    try {
      const page = await peersOf(c.env, network, after, live);
      peers.push(...page.peers);
      states.push({ network: name, unavailable: false, connected: page.connected });
      if (page.next !== null) more.push({ network: name, after: page.next });
    } catch (thrown) {
      states.push({
        network: name,
        unavailable: true,
        reason: thrown instanceof Error ? thrown.message : String(thrown),
      });
    }
  }
  return c.json({ peers, networks: states, more } satisfies StatusView);
});

/** The last handshakes of one network, or of all, the youngest first; strangers, who are of no organisation, for the operator only. */
liveRoutes.get('/attempts', require('status:read'), async (c) => {
  const networks = await networksAsked(c);
  if (!networks.ok) return answerRefusal(c, networks.refusal);
  const attempts: AttemptView[] = [];
  for (const network of networks.value) attempts.push(...(await attemptsOf(c.env, network.id, network.name)));
  if (c.req.query('network') === undefined && c.var.principal.kind === 'operator') {
    attempts.push(...(await Promise.all(STRANGERS.map((name) => attemptsOf(c.env, name, null)))).flat());
  }
  return c.json({ attempts: attempts.sort((a, b) => b.at - a.at).slice(0, ATTEMPTS) });
});

/** Why one member does not connect. `waiting`: for how many seconds somebody has waited for it. */
liveRoutes.get('/networks/:network/members/:member/explain', require('status:read'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const member = await findMemberEver(c.env.DB, network.value, c.req.param('member'));
  if (!member.ok) return answerRefusal(c, member.refusal);
  const { name } = member.value;
  const now = Date.now();
  const waiting = c.req.query('waiting');
  if (waiting !== undefined && !/^\d{1,6}$/.test(waiting)) {
    const refused = refuse('bad-value', `'waiting' is '${shorten(waiting)}'.`, 'Give it in whole seconds.');
    return answerRefusal(c, refused.refusal);
  }
  const question = {
    ...{ network: network.value, member: member.value, asker: c.req.header('CF-Connecting-IP') ?? null },
    waitingSince: waiting === undefined ? null : now - Number(waiting) * 1_000,
  };
  const findings = await findingsOn(c.env, question, now);
  return c.json({ member: name, findings, report: reportOf(`${name} in ${network.value.name}`, now, findings) });
});

liveRoutes.post('/networks/:network/members/:member/:command', require('members:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const member = await findMember(c.env.DB, network.value, null, c.req.param('member'));
  if (!member.ok) return answerRefusal(c, member.refusal);
  const { name, id } = member.value;
  const command = commandNamed(c.req.param('command'));
  if (!command) {
    const next = `The commands are ${Object.keys(COMMANDS).join(', ')}.`;
    return answerRefusal(c, refuse('not-found', `There is no command '${c.req.param('command')}'.`, next).refusal);
  }
  const reached = await c.env.NETWORK.getByName(network.value.id).command(id, command);
  if (reached) {
    const target = memberTarget(member.value.kind, network.value, name);
    const change: Change = {
      action: `${member.value.kind}.command`,
      target,
      before: null,
      after: c.req.param('command'),
    };
    await recordChange(c.env.DB, c.var.principal, change, Date.now());
    return c.json({ member: name, command: c.req.param('command') });
  }
  const refused = refuse(
    'not-connected',
    `'${name}' is not connected.`,
    "'culvert status' lists who is, and 'culvert attempts' why somebody is not.",
  );
  return answerRefusal(c, refused.refusal);
});

function commandNamed(name: string): Command | null {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name as keyof typeof COMMANDS] : null;
}

async function networksAsked(c: ApiContext): Promise<Result<readonly Network[]>> {
  const name = c.req.query('network');
  if (name === undefined) return done(await listNetworks(c.env.DB, c.var.principal.organisation));
  const network = await findNetwork(c.env.DB, c.var.principal.organisation, name);
  return network.ok ? done([network.value]) : network;
}
