// What the relay counts, and the local port that tells it in the Prometheus text format.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const RECEIVED = ['keepalive', 'ike', 'initial', 'esp', 'noise'] as const;
export const SENT = ['datagram', 'keepalive', 'cookie', 'invalid-ike-spi', 'invalid-major-version'] as const;
/** Why a datagram was dropped. */
export const DROPPED = [
  'malformed-initial', // an IKE_SA_INIT request that cannot be read
  'source-limit', // one source asked for too much
  'total-limit', // all strangers together did
  'no-cookie-secret', // a cookie was due and the edge has not yet given a secret
  'answer-too-long', // a stateless answer would have been longer than its request
  'dead-route', // the edge has lately said that there is no such SA
  'queue-full', // no uplink yet, and the queue for it is full
  'no-credit', // the edge has 256 KiB of this peer unread, and as much as may wait does, or has for too long
  'oversize', // does not fit a frame
  'uplink-ended', // was queued for a peer that is gone
  'no-local-socket', // the edge asked for a local address that does not exist
  'udp-queue-full', // the host cannot send as fast
  'udp-error',
] as const;
export const DIALLED = ['open', 'no-such-sa', 'taken', 'forbidden', 'failed'] as const;
export const CLOSED = ['released', 'idle', 'lost', 'malformed', 'gave-up'] as const;

export type Drop = (typeof DROPPED)[number];

type Tally<K extends string> = Record<K, number>;

export class Counts {
  readonly received = tally(RECEIVED);
  readonly sent = tally(SENT);
  readonly dropped = tally(DROPPED);
  readonly dialled = tally(DIALLED);
  readonly closed = tally(CLOSED);
  readonly frames = tally(['up', 'down']);
  readonly octets = tally(['up', 'down']);
  readonly silent = tally(['reported']);
}

/** What is true at this moment; each is asked when the page is. */
export interface Gauges {
  readonly uplinks: () => Record<'dialling' | 'open' | 'waiting', number>;
  readonly halfOpen: () => number;
  readonly deadRoutes: () => number;
  readonly paths: () => number;
  readonly keepalives: () => number;
  readonly control: () => boolean;
  /** Open sockets by how datagrams go through them. */
  readonly udp: () => Record<'batched' | 'single', number>;
}

/** The whole page, Prometheus text format 0.0.4. */
export function metricsText(counts: Counts, gauges: Gauges): string {
  return [
    family('received_datagrams_total', 'counter', 'UDP datagrams received', 'kind', counts.received),
    family('sent_datagrams_total', 'counter', 'UDP datagrams sent', 'kind', counts.sent),
    family('dropped_datagrams_total', 'counter', 'Datagrams dropped, either direction', 'reason', counts.dropped),
    family('dials_total', 'counter', 'Attempts to open an uplink', 'outcome', counts.dialled),
    family('uplinks_closed_total', 'counter', 'Uplinks that ended or were lost', 'reason', counts.closed),
    family('frames_total', 'counter', 'Frames to (up) and from (down) the edge', 'direction', counts.frames),
    family('payload_octets_total', 'counter', 'Datagram octets to and from the edge', 'direction', counts.octets),
    family('silent_total', 'counter', 'Paths reported as silent', 'event', counts.silent),
    family('uplinks', 'gauge', 'Uplinks', 'state', gauges.uplinks()),
    family(
      'udp_sockets',
      'gauge',
      'Sockets, by datagrams to a system call: many (batched) or one',
      'udp',
      gauges.udp(),
    ),
    single('half_open', 'Handshakes begun within the last minute', gauges.halfOpen()),
    single('dead_routes', 'Routes that the edge does not know', gauges.deadRoutes()),
    single('paths', 'Remote paths of open uplinks', gauges.paths()),
    single('gateway_keepalives', 'Paths kept alive from this side', gauges.keepalives()),
    single('control_connected', '1 while the edge can reach this relay', gauges.control() ? 1 : 0),
  ].join('');
}

/** Serves /metrics. @returns where; the promise is rejected when the port cannot be had. */
export function serveMetrics(address: string, port: number, page: () => string): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('the metrics are at /metrics\n');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(page());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve(urlOf(server.address() as AddressInfo)));
  });
}

function urlOf({ address, port }: AddressInfo): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/metrics`;
}

function family(name: string, type: string, help: string, label: string, values: Record<string, number>): string {
  const full = `culvert_relay_${name}`;
  const lines = Object.entries(values).map(([key, value]) => `${full}{${label}="${key}"} ${value}`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('\n')}\n`;
}

function single(name: string, help: string, value: number): string {
  const full = `culvert_relay_${name}`;
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${full} ${value}\n`;
}

function tally<K extends string>(keys: readonly K[]): Tally<K> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Tally<K>;
}
