// What a NAT does that means well by IPsec: "helpers" that look into IKE on port 500 (RFC 3715 sections 2.3 n and 2.3 p).

import { Malformed } from '../../../src/bytes/malformed.ts';
import { toHex } from '../../../src/bytes/octets.ts';
import { emitIkeMessage, type IkeMessage, parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { ExchangeType, Notify, PORT } from '../../../src/wire/ike-numbers.ts';
import type { Payload } from '../../../src/wire/payload.ts';
import type { UdpPacket } from './internet.ts';

export type Helper =
  | 'none'
  /** Port 500 stays 500 for every inner host; answers are told apart by the initiator's cookie. */
  | 'tracks-cookies'
  /** Port 500 stays 500 and serves one inner host at a time; the others are not let through there. */
  | 'serves-one'
  /** What it cannot read is dropped: encrypted payloads on port 500. */
  | 'parses'
  /** Takes the NAT_DETECTION notifications out of IKE_SA_INIT. */
  | 'strips-detection'
  /** Takes the vendor IDs out of it. */
  | 'strips-vendor'
  /** Puts its payloads in another order. */
  | 'reorders';

/** Whether the helper keeps port 500 as it is. */
export function keepsPort500(helper: Helper): boolean {
  return helper === 'tracks-cookies' || helper === 'serves-one';
}

/** SPIi, which a helper of IKEv1 takes for the initiator's cookie. */
export function cookieOf(octets: Uint8Array): string {
  return toHex(octets.subarray(0, 8));
}

/**
 * @param far the port outside that it goes to or comes from: only 500 is looked at. A mapping of its own may be called 500, too.
 * @returns the packet as the helper lets it go on, or null.
 */
export function meddle(helper: Helper, packet: UdpPacket, far: number): UdpPacket | null {
  if (far !== PORT.IKE || helper === 'none' || keepsPort500(helper)) return packet;
  const message = readable(packet.octets);
  if (message === null) return helper === 'parses' ? null : packet;
  if (helper === 'parses') return message.protected === null ? packet : null;
  if (message.header.exchange !== ExchangeType.IKE_SA_INIT) return packet;
  return { ...packet, octets: emitIkeMessage(message.header, altered(helper, message.payloads)) };
}

function readable(octets: Uint8Array): IkeMessage | null {
  try {
    return parseIkeMessage(octets);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function altered(helper: Helper, payloads: readonly Payload[]): Payload[] {
  if (helper === 'strips-detection') return payloads.filter((payload) => !isDetection(payload));
  if (helper === 'strips-vendor') return payloads.filter(({ type }) => type !== 'V');
  const moved = payloads.filter((payload) => isDetection(payload) || payload.type === 'V');
  return [...payloads.filter((payload) => !moved.includes(payload)), ...moved.reverse()];
}

function isDetection(payload: Payload): boolean {
  if (payload.type !== 'N') return false;
  return payload.notify === Notify.NAT_DETECTION_SOURCE_IP || payload.notify === Notify.NAT_DETECTION_DESTINATION_IP;
}
