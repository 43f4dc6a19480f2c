// What a suite adds to an inner packet: RFC 4303 section 2, in UDP (RFC 3948 section 2.1).

import { encrAlgorithm, integAlgorithm } from '../crypto/algorithms.ts';
import type { EspSuite } from '../crypto/suite.ts';
import { ESP_HEADER_OCTETS, ESP_TRAILER_OCTETS } from '../wire/esp.ts';

/*
   | IP 20 or 40 | UDP 8 | SPI 4 | sequence 4 | IV | inner packet | padding | pad length 1 | next header 1 | ICV |
                                                   |<------------- a multiple of `alignment` ----------->|
*/

/** Sizes in octets. */
export interface EspShape {
  readonly ivOctets: number;
  /** Inner packet, padding, pad length and next header together are a multiple of this. */
  readonly alignment: number;
  readonly icvOctets: number;
}

const UDP_HEADER_OCTETS = 8;
const IP_HEADER_OCTETS = { 4: 20, 6: 40 } as const;

export function espShape(suite: EspSuite): EspShape {
  const encr = encrAlgorithm(suite.encr);
  return {
    ivOctets: encr.ivOctets,
    // "the Pad Length and Next Header fields must be right aligned within a 4-byte word" (RFC 4303 section 2.4).
    alignment: Math.max(4, encr.blockOctets),
    icvOctets: encr.icvOctets + (integAlgorithm(suite.integ)?.icvOctets ?? 0),
  };
}

/** @returns the most that ESP itself adds to a packet: header, IV, longest padding, trailer and ICV. */
export function espOverhead(suite: EspSuite): number {
  const { ivOctets, alignment, icvOctets } = espShape(suite);
  return ESP_HEADER_OCTETS + ivOctets + (alignment - 1) + ESP_TRAILER_OCTETS + icvOctets;
}

/**
 * @param family of the outer packet.
 * @returns the longest inner packet that fits a path, encapsulated in UDP; 0 when none does.
 */
export function innerMtu(pathMtu: number, family: 4 | 6, suite: EspSuite): number {
  const { ivOctets, alignment, icvOctets } = espShape(suite);
  const room = pathMtu - IP_HEADER_OCTETS[family] - UDP_HEADER_OCTETS - ESP_HEADER_OCTETS - ivOctets - icvOctets;
  return Math.max(0, Math.floor(room / alignment) * alignment - ESP_TRAILER_OCTETS);
}
