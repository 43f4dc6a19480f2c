// Which ICMP errors the gateway owes, and how many: RFC 1812 sections 4.3.2.7 and 4.3.2.8, RFC 4443 section 2.4 e, f.

import { type IcmpError, icmpError, isIcmpError } from '../wire/icmp.ts';
import type { IpView } from '../wire/ip.ts';
import type { Address } from '../wire/prefix.ts';
import { TokenBucket } from './token-bucket.ts';

/** Why a packet goes no further. */
export type Undeliverable = 'no-route' | 'offline' | 'ttl-exceeded';

/** What is said of each to the packet's source. */
export const UNDELIVERABLE: { readonly [why in Undeliverable]: IcmpError } = {
  'no-route': { kind: 'unreachable', why: 'network' },
  offline: { kind: 'unreachable', why: 'host' },
  'ttl-exceeded': { kind: 'time-exceeded' },
};

const PER_SECOND = 50;
const BURST = 50;

/** What the gateway says about the packets of one peer, in its own name and at a limited rate. */
export class ErrorReplies {
  readonly #gateway: readonly Address[];
  readonly #bucket: TokenBucket;

  /** @param gateway its addresses; about a packet of a family that it has none of, nothing is said. */
  constructor(gateway: readonly Address[], bucket = new TokenBucket(PER_SECOND, BURST)) {
    this.#gateway = gateway;
    this.#bucket = bucket;
  }

  /** @returns a packet to the source of `view`, or null where none may be sent. `now` in ms. */
  about(view: IpView, error: IcmpError, now: number): Uint8Array | null {
    const from = this.#gateway.find((address) => address.length === view.source.length);
    if (from === undefined || !mayBeTold(view, error.kind) || !this.#bucket.take(now)) return null;
    return icmpError(view, from, error);
  }
}

/** @returns whether an error of that kind may be sent at all about this packet. */
export function mayBeTold(view: IpView, kind: IcmpError['kind']): boolean {
  if (isIcmpError(view)) return false;
  if (view.family === 4) return view.fragmentOffset === 0 && isHost4(view.source) && !isGroup4(view.destination);
  // Path MTU discovery works for multicast too (RFC 4443 section 2.4 e.3).
  return isHost6(view.source) && (kind === 'too-big' || !isGroup6(view.destination));
}

/** Neither of network 0, nor loopback, nor multicast, nor class E, nor broadcast. */
function isHost4(address: Address): boolean {
  return address[0] !== 0 && address[0] !== 127 && !isGroup4(address);
}

/** Class D and E, broadcast among them. */
function isGroup4(address: Address): boolean {
  return address[0]! >= 224;
}

/** Neither unspecified, nor loopback, nor multicast. */
function isHost6(address: Address): boolean {
  if (isGroup6(address)) return false;
  for (let i = 0; i < 15; i++) if (address[i] !== 0) return true;
  return address[15]! > 1;
}

function isGroup6(address: Address): boolean {
  return address[0] === 0xff;
}
