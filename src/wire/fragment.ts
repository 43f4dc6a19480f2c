// IPv4 fragmentation, RFC 791 section 3.2.

import { checksum } from './checksum.ts';
import type { IpView } from './ip.ts';

/**
 * Cuts an IPv4 packet whose DF flag is clear, or a fragment of one, into pieces of at most `mtu` octets (at least 68).
 * @returns the packet itself where it fits already.
 */
export function fragmentIpv4(view: IpView, mtu: number): Uint8Array[] {
  const { octets, headerLength, totalLength } = view;
  if (totalLength <= mtu) return [octets.subarray(0, totalLength)];
  const firstHeader = octets.subarray(0, headerLength);
  const laterHeader = copiedHeader(firstHeader);
  const fragments: Uint8Array[] = [];
  let at = headerLength;
  while (at < totalLength) {
    const header = fragments.length === 0 ? firstHeader : laterHeader;
    const left = totalLength - at;
    // NFB <- (MTU-IHL*4)/8: all pieces but the last are a multiple of 8 octets.
    const length = header.length + left <= mtu ? left : (mtu - header.length) & ~7;
    const offset = view.fragmentOffset + at - headerLength;
    fragments.push(piece(header, octets.subarray(at, at + length), offset, view.moreFragments || length < left));
    at += length;
  }
  return fragments;
}

const MORE_FRAGMENTS = 0x2000;
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const COPIED = 0x80;

function piece(header: Uint8Array, data: Uint8Array, offset: number, more: boolean): Uint8Array {
  const packet = new Uint8Array(header.length + data.length);
  packet.set(header);
  packet.set(data, header.length);
  put16(packet, 2, packet.length);
  put16(packet, 6, (offset >> 3) | (more ? MORE_FRAGMENTS : 0));
  put16(packet, 10, 0);
  put16(packet, 10, checksum(packet, 0, header.length));
  return packet;
}

/** The header of the pieces after the first: only options with the copied flag go with them. */
function copiedHeader(header: Uint8Array): Uint8Array {
  const options: number[] = [];
  let at = 20;
  while (at < header.length && header[at] !== END_OF_OPTIONS) {
    const length = header[at] === NO_OPERATION ? 1 : Math.max(2, header[at + 1] ?? 2);
    if ((header[at]! & COPIED) !== 0) options.push(...header.subarray(at, at + length));
    at += length;
  }
  while (options.length % 4 !== 0) options.push(END_OF_OPTIONS);
  const result = new Uint8Array(20 + options.length);
  result.set(header.subarray(0, 20));
  result.set(options, 20);
  result[0] = 0x40 | (result.length / 4);
  return result;
}

function put16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >> 8;
  octets[at + 1] = value;
}
