// Connected peers as the API shows them: the network object knows who is there and what each peer's object said last; live, the objects are asked.

import type { Network } from '../directory/networks.ts';
import type { ConnectedMember, PeerReport } from '../edge/rpc.ts';
import type { Env } from '../env.ts';
import type { PeerView } from './json.ts';

export interface PeerPage {
  readonly connected: number;
  readonly peers: readonly PeerView[];
  readonly next: string | null;
}

/** Objects asked at a time, and how long each may take, ms. */
const AT_ONCE = 16;
const PATIENCE_MS = 5_000;

/**
 * @param live wakes the objects of the peers.
 * @throws when the network object does not answer.
 */
export async function peersOf(
  env: Pick<Env, 'NETWORK' | 'PEER'>,
  network: Network,
  after: string,
  live: boolean,
): Promise<PeerPage> {
  const { connected, members, next } = await patiently(env.NETWORK.getByName(network.id).status({ after }));
  const peers: PeerView[] = [];
  for (let at = 0; at < members.length; at += AT_ONCE) {
    const some = members.slice(at, at + AT_ONCE);
    peers.push(
      ...(await Promise.all(some.map((member) => (live ? ask(env, network, member) : asTold(network, member))))),
    );
  }
  return { connected, peers, next };
}

function asTold(network: Network, member: ConnectedMember): PeerView {
  return peerView(network, member, member.told?.report ?? null, member.told?.at ?? null);
}

/** One object that does not answer shall not hide the others: what it said last stands for it. */
async function ask(env: Pick<Env, 'PEER'>, network: Network, member: ConnectedMember): Promise<PeerView> {
  try {
    const report = await patiently(env.PEER.getByName(String(member.route)).status());
    // The route may have gone to somebody else in the meantime.
    if (report?.member === member.member) return peerView(network, member, report, Date.now());
  } catch {
    // As below.
  }
  return { ...asTold(network, member), state: 'unknown' };
}

function peerView(network: Network, live: ConnectedMember, report: PeerReport | null, asOf: number | null): PeerView {
  const { member, name, kind, since } = live;
  const base = { member, name, network: network.name, kind, addresses: live.prefixes.map(withoutHostLength), asOf };
  if (report === null) return { ...base, since, ...UNKNOWN };
  const {
    remote,
    local,
    state,
    nat,
    suite,
    esp,
    mtu,
    unreached,
    octetsIn,
    octetsOut,
    packetsIn,
    packetsOut,
    lastIn,
    drops,
  } = report;
  return {
    ...base,
    ...{ state, path: endpoint(remote), relay: endpoint(local), nat, suite, esp, mtu, unreached },
    ...{ octetsIn, octetsOut, packetsIn, packetsOut, since: report.since, lastIn, drops },
    report: { ...report.report, relay: report.relay },
  };
}

const UNKNOWN: Omit<PeerView, 'member' | 'name' | 'network' | 'kind' | 'since' | 'addresses' | 'asOf'> = {
  state: 'unknown',
  path: '',
  relay: '',
  nat: 'unknown',
  suite: '',
  esp: [],
  mtu: 0,
  unreached: [],
  octetsIn: 0,
  octetsOut: 0,
  packetsIn: 0,
  packetsOut: 0,
  lastIn: 0,
  drops: {},
  report: null,
};

/** @throws when there is no answer in time. */
async function patiently<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function endpoint(socket: { readonly address: string; readonly port: number } | null): string {
  if (!socket) return '';
  return socket.address.includes(':') ? `[${socket.address}]:${socket.port}` : `${socket.address}:${socket.port}`;
}

function withoutHostLength(prefix: string): string {
  return prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '');
}
