// Connected peers as the API shows them: the network object knows who is there, each peer's object how it is doing.

import type { Network } from '../directory/networks.ts';
import type { ConnectedMember, PeerReport } from '../edge/rpc.ts';
import type { Env } from '../env.ts';
import type { PeerView } from './json.ts';

export interface PeerPage {
  readonly peers: readonly PeerView[];
  readonly next: string | null;
}

/** Objects asked at a time. */
const AT_ONCE = 16;

export async function peersOf(env: Pick<Env, 'NETWORK' | 'PEER'>, network: Network, after: string): Promise<PeerPage> {
  const { members, next } = await env.NETWORK.getByName(network.id).status({ after });
  const peers: PeerView[] = [];
  for (let at = 0; at < members.length; at += AT_ONCE) {
    const asked = members.slice(at, at + AT_ONCE).map((member) => peerView(env, network, member));
    peers.push(...(await Promise.all(asked)));
  }
  return { peers, next };
}

async function peerView(env: Pick<Env, 'PEER'>, network: Network, member: ConnectedMember): Promise<PeerView> {
  let status: PeerReport | null = null;
  try {
    status = await env.PEER.getByName(String(member.route)).status();
  } catch {
    // One object that does not answer shall not hide the others.
  }
  const { name, kind, since } = member;
  const base = {
    member: member.member,
    name,
    network: network.name,
    kind,
    since,
    addresses: member.prefixes.map(withoutHostLength),
  };
  // The route may have gone to somebody else in the meantime.
  if (status?.member !== member.member) return { ...base, ...UNKNOWN };
  const { remote, local, state, nat, suite, esp, mtu, octetsIn, octetsOut, packetsIn, packetsOut, lastIn, drops } =
    status;
  return {
    ...base,
    ...{ state, path: endpoint(remote), relay: endpoint(local), nat, suite, esp, mtu },
    ...{ octetsIn, octetsOut, packetsIn, packetsOut, since: status.since, lastIn, drops },
    report: { ...status.report, relay: status.relay },
  };
}

const UNKNOWN: Omit<PeerView, 'member' | 'name' | 'network' | 'kind' | 'since' | 'addresses'> = {
  state: 'unknown',
  path: '',
  relay: '',
  nat: 'unknown',
  suite: '',
  esp: [],
  mtu: 0,
  octetsIn: 0,
  octetsOut: 0,
  packetsIn: 0,
  packetsOut: 0,
  lastIn: 0,
  drops: {},
  report: null,
};

function endpoint(socket: { readonly address: string; readonly port: number } | null): string {
  if (!socket) return '';
  return socket.address.includes(':') ? `[${socket.address}]:${socket.port}` : `${socket.address}:${socket.port}`;
}

function withoutHostLength(prefix: string): string {
  return prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '');
}
