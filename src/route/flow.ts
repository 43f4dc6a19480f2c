// Where a relay sends a datagram: what it is (RFC 3948 section 2, RFC 7296 section 3.1) and which route the SPI holds.

import { Malformed } from '../bytes/malformed.ts';
import { classify, stripMarker } from '../wire/encap.ts';
import { espSpi } from '../wire/esp.ts';
import { type IkeHeader, parseIkeHeader } from '../wire/ike-header.ts';
import { ExchangeType } from '../wire/ike-numbers.ts';
import { routeOfEspSpi, routeOfIkeSpi } from '../wire/spi.ts';

export type Flow =
  | { readonly kind: 'keepalive' }
  | { readonly kind: 'esp'; readonly route: number; readonly spi: number }
  /** `initiator`: the sender is the original initiator, so the SPI of ours is SPIr. */
  | {
      readonly kind: 'ike';
      readonly route: number;
      readonly SPIi: bigint;
      readonly SPIr: bigint;
      readonly initiator: boolean;
    }
  /** A request of IKE_SA_INIT that names no SPI of ours yet. */
  | { readonly kind: 'initial'; readonly SPIi: bigint }
  | { readonly kind: 'noise' };

const KEEPALIVE: Flow = { kind: 'keepalive' };
const NOISE: Flow = { kind: 'noise' };

export function routeOf(localPort: number, octets: Uint8Array): Flow {
  switch (classify(localPort, octets)) {
    case 'keepalive':
      return KEEPALIVE;
    case 'esp':
      return routeOfEsp(octets);
    case 'ike':
      return routeOfIke(stripMarker(octets));
    case 'noise':
      return NOISE;
  }
}

function routeOfEsp(octets: Uint8Array): Flow {
  const spi = espSpi(octets);
  return { kind: 'esp', route: routeOfEspSpi(spi), spi };
}

function routeOfIke(octets: Uint8Array): Flow {
  const header = parsedHeader(octets);
  if (header === null || header.length !== octets.length || header.SPIi === 0n) return NOISE;
  const { SPIi, SPIr, initiator } = header;
  if (SPIr === 0n) return isInitial(header) ? { kind: 'initial', SPIi } : NOISE;
  const route = routeOfIkeSpi(initiator ? SPIr : SPIi);
  return route === 0 ? NOISE : { kind: 'ike', route, SPIi, SPIr, initiator };
}

/** Of any version of 2 and above: a higher one is owed a notification (RFC 7296 section 2.5). */
function isInitial(header: IkeHeader): boolean {
  const { majorVersion, exchange, initiator, response, messageId } = header;
  return majorVersion >= 2 && exchange === ExchangeType.IKE_SA_INIT && initiator && !response && messageId === 0;
}

function parsedHeader(octets: Uint8Array): IkeHeader | null {
  try {
    return parseIkeHeader(octets);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
