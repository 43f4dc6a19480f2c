// How members are now and were last: what the network object knows, or null when it does not answer.

import type { ConnectedMember, Presence } from '../edge/rpc.ts';
import type { Env } from '../env.ts';
import type { AttemptEvidence, PeerReport, TrafficPoint } from '../edge/rpc.ts';

type Live = Pick<Env, 'NETWORK' | 'PEER'>;

export async function presenceOf(
  env: Live,
  network: string,
  members: readonly string[],
): Promise<Map<string, Presence> | null> {
  if (members.length === 0) return new Map();
  const list = await ask(env.NETWORK.getByName(network).presence(members));
  return list && new Map(list.map((each) => [each.member, each]));
}

export interface Connected {
  readonly total: number;
  readonly members: readonly ConnectedMember[];
  readonly next: string | null;
}

/** By member id. */
export async function connectedIn(
  env: Live,
  network: string,
  after = '',
  limit = 100,
  kind?: 'device' | 'site',
): Promise<Connected | null> {
  const page = await ask(env.NETWORK.getByName(network).status({ after, limit, ...(kind ? { kind } : {}) }));
  return page && { total: page.connected, members: page.members, next: page.next };
}

/** The youngest first. */
export async function attemptsIn(
  env: Live,
  network: string,
  limit: number,
  before: number | null = null,
): Promise<readonly AttemptEvidence[] | null> {
  const page = await ask(env.NETWORK.getByName(network).attempts({ limit, before }));
  // What has only begun is told by what became of it.
  return page?.attempts.filter(({ outcome }) => outcome !== 'begun') ?? null;
}

export async function trafficOf(
  env: Live,
  network: string,
  member: string | null,
  span: 'minute' | 'hour',
  since: number,
): Promise<readonly TrafficPoint[] | null> {
  return ask(env.NETWORK.getByName(network).traffic(member, span, since));
}

/** What the member's own object says; null when it is not connected, or does not answer. */
export async function reportOf(env: Live, network: string, member: string): Promise<PeerReport | null> {
  const route = (await ask(env.NETWORK.getByName(network).find(member)))?.route ?? null;
  if (route === null) return null;
  const report = await ask(env.PEER.getByName(String(route)).status());
  // The route may have gone to somebody else in the meantime.
  return report?.member === member ? report : null;
}

/** An object that does not answer shall not take the page with it. */
async function ask<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch {
    return null;
  }
}
