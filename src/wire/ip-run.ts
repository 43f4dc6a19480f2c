// IP packets end to end in one buffer, as they travel from object to object: each says itself how long it is (RFC 791, RFC 8200 section 3).

import { Malformed } from '../bytes/malformed.ts';
import { concat } from '../bytes/octets.ts';

const IPV6_HEADER_OCTETS = 40;

/** @param packets each exactly as long as its header says. */
export function joinPackets(packets: readonly Uint8Array[]): Uint8Array {
  return concat(...packets);
}

/** @returns views of the packets. */
export function splitPackets(run: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < run.length; ) {
    const end = at + lengthAt(run, at);
    if (end > run.length) throw new Malformed(`a packet that ends at ${end} in ${run.length} octets`);
    packets.push(run.subarray(at, end));
    at = end;
  }
  return packets;
}

function lengthAt(run: Uint8Array, at: number): number {
  const version = run[at]! >>> 4;
  if (version === 4 && u16(run, at + 2) > 0) return u16(run, at + 2);
  if (version === 6) return IPV6_HEADER_OCTETS + u16(run, at + 4);
  throw new Malformed(`no IP packet at ${at}`);
}

/** Octets beyond the end count as 0. */
function u16(run: Uint8Array, at: number): number {
  return ((run[at] ?? 0) << 8) | (run[at + 1] ?? 0);
}
