// culvert status: who is connected, from where, behind which NAT, with what suite, and how much has flowed.

import { setTimeout as wait } from 'node:timers/promises';
import type { NetworkStatusView, PeerView, StatusView } from '../../worker/api/json.ts';
import { type Call, type Command, text } from './command.ts';
import { Exit, Failure } from './failure.ts';
import { NETWORK_OPTION } from './member.ts';
import { NAT_WORDS, natTable } from './nat-table.ts';
import { ago, octets, table } from './table.ts';

export const status: Command = {
  words: 'status',
  summary: 'Show who is connected, from where, behind which NAT, and the traffic',
  synopsis: '[--network N] [--nat] [--live] [--watch]',
  help: [
    ['--network N', 'of this network only'],
    ['--nat', 'the way to each: NATs, mapping, keepalives, round-trip time, loss, fragments'],
    ['--live', 'ask each device and site now; else what they said last, at most a minute before their last traffic'],
    ['--watch', 'again every two seconds, until Ctrl-C'],
  ],
  options: { ...NETWORK_OPTION, nat: { type: 'boolean' }, live: { type: 'boolean' }, watch: { type: 'boolean' } },
  takes: [],
  run: showStatus,
};

const INTERVAL_MS = 2_000;
const CLEAR = '\u001b[H\u001b[2J';

async function showStatus(call: Call): Promise<void> {
  if (call.values.watch !== true) return call.say(await screen(call));
  const end = new AbortController();
  process.once('SIGINT', () => end.abort());
  while (!end.signal.aborted) {
    call.say(`${call.isScreen && !call.json ? CLEAR : ''}${await screenOrExcuse(call)}`);
    await wait(INTERVAL_MS, undefined, { signal: end.signal }).catch(() => {});
  }
}

/** An edge that restarts shall not end the watching. */
async function screenOrExcuse(call: Call): Promise<string> {
  try {
    return await screen(call);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.exit !== Exit.UNREACHABLE) throw thrown;
    return call.json ? JSON.stringify({ error: { code: thrown.code, message: thrown.message } }) : thrown.message;
  }
}

async function screen(call: Call): Promise<string> {
  const { peers, networks } = await all(call);
  if (call.json) return JSON.stringify({ peers, networks });
  const now = Date.now();
  return [...shown(call, peers, networks, now), ...silent(networks)].join('\n');
}

function shown(call: Call, peers: readonly PeerView[], networks: readonly NetworkStatusView[], now: number): string[] {
  if (peers.length > 0) return [call.values.nat === true ? natTable(peers, now) : peerTable(peers, now)];
  const isCertain = !networks.some(({ unavailable }) => unavailable);
  return isCertain ? ["Nobody is connected. 'culvert attempts' shows who has tried."] : [];
}

function silent(networks: readonly NetworkStatusView[]): string[] {
  return networks.flatMap((each) =>
    each.unavailable
      ? [`${each.network} could not be asked (${each.reason}): who is connected there is not shown.`]
      : [],
  );
}

function peerTable(peers: readonly PeerView[], now: number): string {
  const rows = peers.map((peer) => [
    ...[peer.name, peer.network, peer.state, peer.path || '?', NAT_WORDS[peer.nat]],
    ...[peer.addresses.join(', '), peer.suite || '?', peer.esp.join(', ') || '?'],
    ...[octets(peer.octetsIn), octets(peer.octetsOut), dropped(peer), ago(peer.lastIn, now), ago(peer.since, now)],
  ]);
  const head = [
    'NAME',
    'NETWORK',
    'STATE',
    'FROM',
    'NAT',
    'INSIDE',
    'IKE',
    'ESP',
    'IN',
    'OUT',
    'DROPS',
    'HEARD',
    'SINCE',
  ];
  return table(head, rows);
}

/** The way to a peer changes with each packet: its report is asked for live. */
async function all({ edge, values }: Call): Promise<Pick<StatusView, 'peers' | 'networks'>> {
  const network = text(values.network);
  const live = values.live === true || values.nat === true ? { live: '1' } : {};
  const peers: PeerView[] = [];
  const networks: NetworkStatusView[] = [];
  const queries = [new URLSearchParams({ ...live, ...(network === undefined ? {} : { network }) })];
  for (let query = queries.shift(); query !== undefined; query = queries.shift()) {
    const page = await edge.get<StatusView>(query.size === 0 ? '/status' : `/status?${query}`);
    peers.push(...page.peers);
    for (const each of page.networks)
      if (each.unavailable || !networks.some((known) => known.network === each.network)) networks.push(each);
    for (const each of page.more) queries.push(new URLSearchParams({ ...live, ...each }));
  }
  return { peers: peers.sort((a, b) => compare(a.network, b.network) || compare(a.name, b.name)), networks };
}

function dropped({ drops }: PeerView): string {
  return String(Object.values(drops).reduce((sum, count) => sum + count, 0));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
