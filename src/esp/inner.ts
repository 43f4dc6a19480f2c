// The inner packet in the decrypted payload of a tunnel mode ESP packet: RFC 4303 sections 2.4 to 2.7.

import { EspNextHeader, type EspTrailer, parseEspTrailer } from '../wire/esp.ts';
import type { EspDrop } from './drop.ts';

const IPV4_HEADER_OCTETS = 20;
const IPV6_HEADER_OCTETS = 40;

/**
 * @param plaintext payload with trailer, already authenticated.
 * @returns a view of the inner packet without TFC padding, or why there is none.
 */
export function innerPacket(plaintext: Uint8Array): Uint8Array | EspDrop {
  const trailer = parseEspTrailer(plaintext);
  if (trailer === null || !paddingCounts(plaintext, trailer)) return 'bad-padding';
  const { nextHeader, payloadLength } = trailer;
  if (nextHeader === EspNextHeader.DUMMY) return 'dummy';
  const length = lengthOfInner(plaintext, nextHeader, payloadLength);
  return length === 0 ? 'not-ip' : plaintext.subarray(0, length);
}

/** "the receiver SHOULD inspect the Padding field": 1, 2, 3, ... (section 2.4). */
function paddingCounts(plaintext: Uint8Array, { payloadLength }: EspTrailer): boolean {
  const padLength = plaintext[plaintext.length - 2]!;
  for (let i = 0; i < padLength; i++) if (plaintext[payloadLength + i] !== i + 1) return false;
  return true;
}

/** @returns octets of the packet as its header tells them; 0 unless it is all there and of the right family. */
function lengthOfInner(plaintext: Uint8Array, nextHeader: number, payloadLength: number): number {
  const version = plaintext[0]! >>> 4;
  if (nextHeader === EspNextHeader.IPV4 && version === 4) {
    const total = (plaintext[2]! << 8) | plaintext[3]!;
    return total >= IPV4_HEADER_OCTETS && total <= payloadLength ? total : 0;
  }
  if (nextHeader === EspNextHeader.IPV6 && version === 6) {
    const total = IPV6_HEADER_OCTETS + ((plaintext[4]! << 8) | plaintext[5]!);
    return total <= payloadLength ? total : 0;
  }
  return 0;
}
