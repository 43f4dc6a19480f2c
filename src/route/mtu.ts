// A packet on its way into a tunnel that takes no more than so many octets: RFC 4301 section 8, RFC 4459 section 3.

import { fragmentIpv4 } from '../wire/fragment.ts';
import { icmpError } from '../wire/icmp.ts';
import { type IpView, withTtlRestored } from '../wire/ip.ts';
import type { Address } from '../wire/prefix.ts';
import { clampMss, mssFor } from '../wire/tcp-mss.ts';
import { mayBeTold } from './errors.ts';

export interface Fitted {
  /** The packet itself, or its fragments; none when it is too big. */
  readonly packets: readonly Uint8Array[];
  /** What its source is told in that case, where it may be. */
  readonly reply: Uint8Array | null;
}

/** "every link in the Internet have an MTU of 1280 octets or greater" (RFC 8200 section 5): a lesser one cuts ESP. */
const LEAST_MTU = { 4: 68, 6: 1280 } as const;

/**
 * Fits a packet by fragments where IPv4 allows them, and asks the source for smaller ones where not, quoting what arrived. The MSS of a SYN
 * that goes on is lowered in place.
 * @param view of a packet that has been forwarded: its TTL is one less than it was.
 * @param mtu longest inner packet, octets.
 * @param from the gateway's own address of the packet's family, null for none.
 * @param mayReply asked once before a reply is made: the place for a limit on their rate.
 */
export function fit(view: IpView, mtu: number, from: Address | null, mayReply: () => boolean = always): Fitted {
  const { family, octets, totalLength } = view;
  const limit = Math.max(mtu, LEAST_MTU[family]);
  if (totalLength > limit && view.dontFragment) {
    const told = from !== null && mayBeTold(view, 'too-big') && mayReply();
    const reply = told ? icmpError(withTtlRestored(view), from, { kind: 'too-big', mtu: limit }) : null;
    return { packets: [], reply };
  }
  clampMss(view, mssFor(family, mtu));
  if (totalLength > limit) return { packets: fragmentIpv4(view, limit), reply: null };
  return { packets: [octets.length === totalLength ? octets : octets.subarray(0, totalLength)], reply: null };
}

function always(): boolean {
  return true;
}
