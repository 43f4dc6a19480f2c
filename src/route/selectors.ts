// What a child SA may carry: RFC 4301 sections 4.4.1.1, 5.2 and 7.1, in the selectors of RFC 7296 section 3.13.1.

import { compare } from '../bytes/octets.ts';
import type { IpView } from '../wire/ip.ts';
import type { TrafficSelector } from '../wire/payload.ts';

/** Seen from the gateway: `in` is what the peer sent. */
export type Direction = 'in' | 'out';

interface Range {
  /** 0 for any. */
  readonly protocol: number;
  readonly startAddress: Uint8Array;
  readonly endAddress: Uint8Array;
  readonly startPort: number;
  readonly endPort: number;
  /** ANY: every port, and OPAQUE besides. */
  readonly anyPort: boolean;
  /** OPAQUE: only what has no port to look at. */
  readonly opaque: boolean;
}

interface Side {
  readonly 4: readonly Range[];
  readonly 6: readonly Range[];
}

export interface Selectors {
  readonly ours: Side;
  readonly theirs: Side;
}

export function compileSelectors(ours: readonly TrafficSelector[], theirs: readonly TrafficSelector[]): Selectors {
  return { ours: compileSide(ours), theirs: compileSide(theirs) };
}

/**
 * A fragment without its ports passes only where all ports are allowed, so that no check can be evaded by cutting a
 * packet (RFC 4301 section 7.1).
 */
export function permits(selectors: Selectors, view: IpView, direction: Direction): boolean {
  const senders = (direction === 'in' ? selectors.theirs : selectors.ours)[view.family];
  const receivers = (direction === 'in' ? selectors.ours : selectors.theirs)[view.family];
  return matches(senders, view, 'source') && matches(receivers, view, 'destination');
}

function compileSide(selectors: readonly TrafficSelector[]): Side {
  const of = (octets: number) => selectors.filter((ts) => ts.startAddress.length === octets).map(compileRange);
  return { 4: of(4), 6: of(16) };
}

function compileRange(ts: TrafficSelector): Range {
  return {
    ...ts,
    anyPort: ts.startPort === 0 && ts.endPort === 0xffff,
    opaque: ts.startPort === 0xffff && ts.endPort === 0,
  };
}

function matches(ranges: readonly Range[], view: IpView, side: 'source' | 'destination'): boolean {
  const address = view[side];
  for (const range of ranges) {
    if (range.protocol !== 0 && range.protocol !== view.protocol) continue;
    if (compare(address, range.startAddress) < 0 || compare(address, range.endAddress) > 0) continue;
    if (range.anyPort || portMatches(range, view, side)) return true;
  }
  return false;
}

/** ICMP has one "port" for both: the sender's selector says whether it may send it (RFC 4301 section 4.4.1.3). */
function portMatches(range: Range, view: IpView, side: 'source' | 'destination'): boolean {
  const { ports, icmp } = view;
  if (icmp !== null && side === 'destination') return true;
  const port = ports === null ? icmp : ports[side];
  return port === null ? range.opaque : range.startPort <= port && port <= range.endPort;
}
