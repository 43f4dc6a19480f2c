// What is known of one member, brought together for an explanation.

import { formatAddress, parseAddress } from '../../src/wire/prefix.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { listMembers } from '../directory/members.ts';
import { deploymentDomain, memberIdentity } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { reachOf } from '../directory/reach.ts';
import type { AttemptEvidence, ConnectedMember, PeerReport } from '../edge/rpc.ts';
import { strangersFrom } from '../edge/strangers.ts';
import type { Env } from '../env.ts';
import { type Explanation, explain } from '../explain/explain.ts';
import type { ConnectionFacts, Facts, NetworkFacts } from '../explain/facts.ts';

/** Who asks, and what they wait for. */
export interface Question {
  readonly network: Network;
  readonly member: MemberRecord;
  /** The address that the question itself comes from: the device may be behind the same NAT. Null when unknown. */
  readonly asker: string | null;
  /** Since when they wait for the device to be heard, ms; null when they do not. */
  readonly waitingSince: number | null;
}

/** Prefixes that are told in an explanation. */
const PREFIXES = 32;
/** Addresses whose strangers are looked through. */
const PLACES = 4;

export async function findingsOn(env: Env, question: Question, now: number): Promise<Explanation[]> {
  return explain(await factsOf(env, question, now));
}

async function factsOf(env: Env, { network, member, asker, waitingSince }: Question, now: number): Promise<Facts> {
  const object = env.NETWORK.getByName(network.id);
  const [history, live] = await Promise.all([object.history(member.id), object.find(member.id)]);
  const identity = memberIdentity({ ...member, network: network.label }, deploymentDomain(env));
  const connected = history.attempts.find(({ outcome }) => outcome === 'connected');
  const places = new Set([asker, ...history.attempts.map(({ from }) => from)].filter((from) => from !== null));
  const strangers = await Promise.all([...places].slice(0, PLACES).map((from) => knocksFrom(env, from)));
  // Whoever else sits behind the same NAT is none of the asker's business.
  const unnamed = strangers.flat().filter((attempt) => attempt.identity === '' || attempt.identity === identity);
  return {
    now,
    gateway: env.GATEWAY_NAME,
    network: await networkFacts(env, network),
    member: {
      ...{ name: member.name, kind: member.kind, auth: member.auth, identity },
      ...{ revokedAt: member.revokedAt, suspendedAt: member.suspendedAt },
      certificateNotAfter: member.certificate?.notAfter ?? null,
    },
    attempts: [...history.attempts, ...unnamed].sort((a, b) => b.at - a.at),
    departures: history.departures,
    connection: live && (await connectionFacts(env, live, connected)),
    waitingSince,
  };
}

async function knocksFrom(env: Env, from: string): Promise<readonly AttemptEvidence[]> {
  const address = parseAddress(from);
  return address === null ? [] : env.NETWORK.getByName(strangersFrom(address)).knocks(formatAddress(address));
}

async function connectionFacts(
  env: Env,
  live: ConnectedMember,
  connected: AttemptEvidence | undefined,
): Promise<ConnectionFacts | null> {
  let status: PeerReport | null = null;
  try {
    status = await env.PEER.getByName(String(live.route)).status();
  } catch {
    // What its object does not tell is not known; the history still is.
  }
  if (status?.member !== live.member) return null;
  const { since, packetsIn, packetsOut, drops, software } = status;
  return { since, packetsIn, packetsOut, drops, software, windows: connected?.seen.windows ?? false };
}

async function networkFacts(env: Env, network: Network): Promise<NetworkFacts> {
  const [reach, sites, { members }] = await Promise.all([
    reachOf(env.DB, network),
    listMembers(env.DB, network, 'site'),
    env.NETWORK.getByName(network.id).status({ kind: 'site' }),
  ]);
  const up = new Set(members.map(({ member }) => member));
  return {
    name: network.name,
    prefixes: reach.slice(0, PREFIXES),
    domains: network.domains,
    dns: network.dns.map(formatAddress),
    sitesDown: sites.members.filter(({ id }) => !up.has(id)).map(({ name }) => name),
  };
}
