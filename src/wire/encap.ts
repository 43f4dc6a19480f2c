// UDP encapsulation of IKE and ESP: what a datagram is, and the non-ESP marker (RFC 3948 section 2, RFC 7296 section 2.23).

import { PORT } from './ike-numbers.ts';

/*
   port 4500                                           port 500
   | 0xFF |                       NAT keepalive        | IKE header ...   IKE, no marker
   | 00 00 00 00 | IKE header ... IKE
   | SPI, not 0  | sequence ...   ESP
*/

export type DatagramKind = 'keepalive' | 'ike' | 'esp' | 'noise';

/**
 * Says what a datagram is by its length and first octets. Port 500 carries IKE only; any other port is taken for a NAT-T port.
 * SPIs up to 255 are reserved (RFC 4303 section 2.1): such a datagram is noise, and so is what is too short for an IKE header or an ESP header.
 */
export function classify(localPort: number, octets: Uint8Array): DatagramKind {
  if (localPort === PORT.IKE) return octets.length >= IKE_OCTETS ? 'ike' : 'noise';
  if (octets.length < ESP_OCTETS) {
    return octets.length === 0 || (octets.length === 1 && octets[0] === KEEPALIVE) ? 'keepalive' : 'noise';
  }
  if ((octets[0]! | octets[1]! | octets[2]!) !== 0) return 'esp';
  if (octets[3] !== 0) return 'noise';
  return octets.length >= MARKER + IKE_OCTETS ? 'ike' : 'noise';
}

export function addMarker(ike: Uint8Array): Uint8Array {
  const marked = new Uint8Array(MARKER + ike.length);
  marked.set(ike, MARKER);
  return marked;
}

/**
 * Takes the marker off, and the second one that some Apple clients write. The length field tells a second marker from an initiator's
 * SPI that begins with four zero octets.
 * @returns a view; the octets themselves where there is no marker.
 */
export function stripMarker(octets: Uint8Array): Uint8Array {
  if (!marked(octets, 0)) return octets;
  const twice = marked(octets, MARKER) && lengthField(octets, 2 * MARKER) === octets.length - 2 * MARKER;
  return octets.subarray(twice ? 2 * MARKER : MARKER);
}

const KEEPALIVE = 0xff;
const MARKER = 4;
const ESP_OCTETS = 8;
const IKE_OCTETS = 28;
const LENGTH_AT = 24;

function marked(octets: Uint8Array, at: number): boolean {
  return octets.length >= at + MARKER && (octets[at]! | octets[at + 1]! | octets[at + 2]! | octets[at + 3]!) === 0;
}

/** The length field of an IKE header that starts at `at`, or -1 where there is none. */
function lengthField(octets: Uint8Array, at: number): number {
  const i = at + LENGTH_AT;
  if (octets.length < i + 4) return -1;
  return ((octets[i]! << 24) | (octets[i + 1]! << 16) | (octets[i + 2]! << 8) | octets[i + 3]!) >>> 0;
}
