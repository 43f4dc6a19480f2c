// The gateway is one hop between peers, taken from TTL or hop limit: RFC 4301 section 5.1.2, RFC 1812 section 5.3.1.

import { decrementTtl, type IpView } from '../wire/ip.ts';
import { type ErrorReplies, UNDELIVERABLE } from './errors.ts';

export type Forwarding =
  | { readonly kind: 'forward' }
  /** The packet ends here; `packet` goes back to its source, so that traceroute shows the gateway. */
  | { readonly kind: 'reply'; readonly packet: Uint8Array }
  /** The packet ends here, and nothing may be said about it. */
  | { readonly kind: 'drop' };

const FORWARD: Forwarding = { kind: 'forward' };
const DROP: Forwarding = { kind: 'drop' };

/** A packet that goes on is changed in place; one that ends here is quoted as it came. `now` in ms. */
export function forward(view: IpView, errors: ErrorReplies, now: number): Forwarding {
  if (decrementTtl(view)) return FORWARD;
  const packet = errors.about(view, UNDELIVERABLE['ttl-exceeded'], now);
  return packet === null ? DROP : { kind: 'reply', packet };
}
