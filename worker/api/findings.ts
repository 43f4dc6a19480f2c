// What is known of one member, brought together for an explanation.

import { formatAddress, parseAddress } from '../../src/wire/prefix.ts';
import type { MemberRecord } from '../directory/member-record.ts';
import { listMembers } from '../directory/members.ts';
import { deploymentDomain, type MemberName, memberIdentity, readIdentity } from '../directory/names.ts';
import type { Network } from '../directory/networks.ts';
import { reachOf } from '../directory/reach.ts';
import type { AttemptEvidence, ConnectedMember, DepartureEvidence, PeerReport, TrafficPoint } from '../edge/rpc.ts';
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
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** As describeIdentity() has a distinguished name. */
const SUBJECT = 'certificate subject';
/** Addresses whose strangers are looked through. */
const PLACES = 4;

export async function findingsOn(env: Env, question: Question, now: number): Promise<Explanation[]> {
  return explain(await factsOf(env, question, now));
}

async function factsOf(env: Env, { network, member, asker, waitingSince }: Question, now: number): Promise<Facts> {
  const object = env.NETWORK.getByName(network.id);
  const [history, live, carried] = await Promise.all([
    object.history(member.id),
    object.find(member.id),
    object.traffic(member.id, 'minute', now - DAY_MS),
  ]);
  const domain = deploymentDomain(env);
  const connected = history.attempts.find(({ outcome }) => outcome === 'connected');
  const places = new Set([asker, ...history.attempts.map(({ from }) => from)].filter((from) => from !== null));
  const strangers = await Promise.all([...places].slice(0, PLACES).map((from) => knocksFrom(env, from)));
  // Whoever else sits behind the same NAT is none of the asker's business.
  const about = strangers
    .flat()
    .filter((attempt) => mayBe(attempt, { name: member.name, network: network.label }, domain));
  const identity = memberIdentity({ ...member, network: network.label }, domain);
  return {
    now,
    gateway: env.GATEWAY_NAME,
    network: await networkFacts(env, network),
    member: {
      ...{ name: member.name, kind: member.kind, auth: member.auth, identity },
      ...{ revokedAt: member.revokedAt, suspendedAt: member.suspendedAt },
      certificateNotAfter: member.certificate?.notAfter ?? null,
    },
    attempts: [...history.attempts, ...about].sort((a, b) => b.at - a.at),
    departures: history.departures.map((ended) => ({ ...ended, octets: carriedBy(ended, carried) })),
    connection: live && (await connectionFacts(env, live, connected)),
    waitingSince,
  };
}

/**
 * Whether what nobody was made of may have been this member: it said nothing of who it is, or its name, or one of its network that
 * nobody has. Windows names the address of its LAN.
 */
function mayBe({ identity, reason }: AttemptEvidence, { name, network }: MemberName, domain: string): boolean {
  if (identity === '' || identity === SUBJECT || parseAddress(identity) !== null) return true;
  const claimed = readIdentity(identity, domain);
  if (claimed?.network !== network) return false;
  return claimed.name === name || reason === 'unknown-identity';
}

/** By the minutes of the ledger, which has those of a day. */
function carriedBy({ since, at }: DepartureEvidence, carried: readonly TrafficPoint[]): number {
  const minutes = carried.filter((point) => point.at > since - MINUTE_MS && point.at <= at);
  return minutes.reduce((sum, { octetsIn, octetsOut }) => sum + octetsIn + octetsOut, 0);
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
  const { since, packetsIn, packetsOut, dns, drops, software } = status;
  return {
    ...{ since, packetsIn, packetsOut, dns, drops, software },
    carries: status.children > 0,
    windows: connected?.seen.windows ?? false,
  };
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
