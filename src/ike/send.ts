// How messages leave: the SPIs that we choose, and the non-ESP marker where the port asks for one.

import type { Primitives } from '../crypto/primitives.ts';
import type { Output } from './output.ts';
import { addMarker } from '../wire/encap.ts';
import { PORT } from '../wire/ike-numbers.ts';
import type { Path } from '../wire/path.ts';

export function sendTo(path: Path, messages: readonly Uint8Array[]): Output {
  const marked = isMarked(path);
  return { kind: 'send', datagrams: messages.map((octets) => ({ path, octets: marked ? addMarker(octets) : octets })) };
}

/** Port 500 alone carries IKE without a marker. */
export function isMarked(path: Path): boolean {
  return path.localPort !== PORT.IKE;
}

/** Route number in the top 24 bits, 40 random bits below: any relay finds the peer object by the SPI alone. */
export function randomIkeSpi(p: Primitives, route: number): bigint {
  let spi = BigInt(route);
  for (const octet of p.random(5)) spi = (spi << 8n) | BigInt(octet);
  return spi;
}

/** Route number in the top 24 bits, the slot below. */
export function espSpi(route: number, slot: number): number {
  return ((route << 8) | slot) >>> 0;
}
