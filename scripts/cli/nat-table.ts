// The way to each peer as a table: which NATs stand on it, how the mapping behaves, how long it takes, what is lost.

import type { NatReportView, PeerView } from '../../worker/api/json.ts';
import { ago, lasting, table } from './table.ts';

export const NAT_WORDS: Readonly<Record<PeerView['nat'], string>> = {
  none: 'none',
  peer: 'its own',
  gateway: 'ours',
  both: 'both sides',
  unknown: '?',
};

const HEAD = [
  'NAME',
  'NETWORK',
  'NAT',
  'SEEN AS',
  'RELAY',
  'SOCKET',
  'MOBIKE',
  'MOVED',
  'LAST',
  'MAPPING LIVES',
  'KEEPALIVE',
  'RTT',
  'LOSS',
  'FRAGMENTS',
];

export function natTable(peers: readonly PeerView[], now: number): string {
  const rows = peers.map((peer) => [
    ...[peer.name, peer.network, NAT_WORDS[peer.nat], peer.path || '?'],
    ...(peer.report === null ? HEAD.slice(4).map(() => '?') : wayTo(peer, peer.report, now)),
  ]);
  return table(HEAD, rows);
}

function wayTo(peer: PeerView, report: NatReportView, now: number): string[] {
  const { relay, mobike, moved, moves, lifetime, keepalive, roundTrip, loss, fragments } = report;
  return [
    ...[relay || '?', peer.relay || '?', mobike ? 'yes' : 'no', String(moved), ago(moves.at(-1)?.at ?? 0, now)],
    lifetimeOf(lifetime),
    keepalive === null ? 'none' : `${keepalive} s`,
    roundTrip === null ? '?' : `${roundTrip.smoothed} ms`,
    loss === null ? '?' : `${(100 * loss).toFixed(1)} %`,
    fragments.supported ? (fragments.largest === null ? 'none' : `${fragments.largest} B`) : 'no',
  ];
}

/** `> 5 min`, `< 90 s`, `30 s - 60 s`. */
function lifetimeOf({ survived, expired }: NatReportView['lifetime']): string {
  if (survived === null) return expired === null ? '?' : `< ${lasting(expired)}`;
  return expired === null ? `> ${lasting(survived)}` : `${lasting(survived)} - ${lasting(expired)}`;
}
