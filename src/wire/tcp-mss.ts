// The Maximum Segment Size option of TCP, lowered on the way (RFC 793 section 3.1, RFC 4459 section 3.2).

import { updateChecksum } from './checksum.ts';
import type { IpView } from './ip.ts';
import { IpProtocol } from './ip-protocol.ts';

/*
   +--------+--------+---------+--------+
   |00000010|00000100|   max seg size   |
   +--------+--------+---------+--------+
    Kind=2   Length=4
*/

/** Segment octets that fit an inner packet of `mtu` octets without options. */
export function mssFor(family: 4 | 6, mtu: number): number {
  return mtu - (family === 4 ? 20 : 40) - TCP_HEADER;
}

/**
 * Lowers the MSS of a SYN segment to `mss`, in place, and never raises it. A SYN without the option is left alone: its sender is
 * bound to 536 octets (RFC 9293 section 3.7.1).
 * @returns whether the packet was changed.
 */
export function clampMss(view: IpView, mss: number): boolean {
  const { octets, payloadOffset: tcp } = view;
  if (view.protocol !== IpProtocol.TCP || view.fragmentOffset !== 0) return false;
  if (tcp + TCP_HEADER > view.totalLength || (octets[tcp + 13]! & SYN) === 0) return false;
  const end = Math.min(tcp + (octets[tcp + 12]! >> 4) * 4, view.totalLength);
  const at = findMss(octets, tcp + TCP_HEADER, end);
  if (at === -1) return false;
  const before = u16(octets, at);
  if (before <= mss) return false;
  put16(octets, at, mss);
  const odd = ((at - tcp) & 1) === 1;
  const field = updateChecksum(u16(octets, tcp + 16), odd ? exchange(before) : before, odd ? exchange(mss) : mss);
  put16(octets, tcp + 16, field);
  return true;
}

const TCP_HEADER = 20;
const SYN = 0x02;
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MSS = 2;

/** @returns where the value stands, -1 where the option does not or the options are not well formed. */
function findMss(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] !== END_OF_OPTIONS) {
    if (octets[at] === NO_OPERATION) {
      at++;
      continue;
    }
    const length = at + 1 < end ? octets[at + 1]! : 0;
    if (length < 2 || at + length > end) return -1;
    if (octets[at] === MSS) return length === 4 ? at + 2 : -1;
    at += length;
  }
  return -1;
}

function u16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}

function put16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >> 8;
  octets[at + 1] = value;
}

function exchange(word: number): number {
  return ((word & 0xff) << 8) | (word >> 8);
}
