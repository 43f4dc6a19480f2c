// What the gateway answers on its own addresses inside a network: that it is there (RFC 1122 section 3.2.2.6, RFC 4443
// section 4.2), and that it offers nothing else.

import { echoReply, isEchoRequest } from '../wire/icmp.ts';
import type { IpView } from '../wire/ip.ts';
import type { ErrorReplies } from './errors.ts';

/**
 * An Echo in fragments is not put together. `now` in ms.
 * @returns the packet that goes back to the source, null for silence.
 */
export function gatewayAnswer(view: IpView, errors: ErrorReplies, now: number): Uint8Array | null {
  if (isEchoRequest(view)) return echoReply(view);
  return view.ports === null ? null : errors.about(view, { kind: 'unreachable', why: 'port' }, now);
}
