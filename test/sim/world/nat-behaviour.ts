// What makes one NAT differ from another: mapping x filtering x port assignment x expiry, after RFC 4787, and what vendors add to it.

import type { Helper } from './helper.ts';

/** Independent of the far end, or dependent on its address, or on its address and port (RFC 4787 sections 4.1 and 5). */
export type Dependence = 'independent' | 'address' | 'address-and-port';

/** `host` gives one port to all sockets of an inner address, whatever their own ports are. */
export type MappingKind = Dependence | 'host';

export type PortAssignment =
  /** The inner port where it is free, else a random one. */
  | 'preserving'
  /** The inner port even where it is taken: what comes back reaches all who share it (against REQ-3). */
  | 'overloading'
  /** The inner port, and nothing at all to the second who wants it. */
  | 'refusing'
  | 'random'
  /** 1024 to 1100. */
  | 'low'
  /** Below 1024. */
  | 'privileged'
  /** Even for even, odd for odd (RFC 4787 section 4.2.2). */
  | 'parity'
  /** A few ports for each inner address, and no more: a carrier's deterministic NAT (RFC 7422). */
  | { readonly block: number };

export interface NatBehaviour {
  readonly mapping: MappingKind;
  readonly filtering: Dependence;
  readonly ports: PortAssignment;
  readonly timeoutMs: number;
  /** RFC 4787 REQ-6: outbound packets keep a mapping; inbound ones may. */
  readonly refresh: 'outbound' | 'both';
  /** One inner host keeps to one address of the pool; otherwise each mapping takes any, or the next one in turn. */
  readonly paired: boolean | 'in-turn';
  /** Packets from inside to an outside address of this NAT come back with the sender's outside or inside address, or not at all. */
  readonly hairpin: 'none' | 'external' | 'internal';
  /** Datagrams that are longer than the path: whole, lost without a word, behind those that came later, or twice. */
  readonly fragments: 'pass' | 'drop' | 'reorder' | 'double';
  /** ESP and IKE of one socket get mappings of their own. */
  readonly split: boolean;
  readonly helper: Helper;
  /** The outer UDP checksum: kept right, or zero (RFC 3948 section 2.1). */
  readonly checksum: 'right' | 'zero';
}

export const ORDINARY: NatBehaviour = {
  mapping: 'independent',
  filtering: 'address-and-port',
  ports: 'random',
  timeoutMs: 300_000,
  refresh: 'outbound',
  paired: true,
  hairpin: 'external',
  fragments: 'pass',
  split: false,
  helper: 'none',
  checksum: 'right',
};

/** A payload of UDP that leaves in one IPv4 packet of 1,500 octets. */
export const LONGEST_WHOLE = 1472;

/** First and last port that an assignment draws from. */
export function portRange(ports: PortAssignment): readonly [first: number, last: number] {
  if (ports === 'low') return [1024, 1100];
  return ports === 'privileged' ? [500, 1023] : [32_768, 65_535];
}
