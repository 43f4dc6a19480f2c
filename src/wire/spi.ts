// SPIs carry the route: any relay finds the peer object of a datagram in the datagram alone.

/*
   IKE SPI   | route number 24 | random 40 |        ESP SPI   | route number 24 | slot 8 |
*/

/** Route numbers are 1 to 2^24 - 1: there is no route 0, so no ESP SPI falls among the 256 that are reserved. */
export const MAX_ROUTE = 2 ** 24 - 1;

/** @returns the route in an IKE SPI of the gateway; 0 is none. */
export function routeOfIkeSpi(spi: bigint): number {
  return Number(spi >> 40n);
}

/** @returns the route in an inbound ESP SPI of the gateway; 0 is none. */
export function routeOfEspSpi(spi: number): number {
  return Math.floor(spi / 2 ** 8);
}

/** @param random 5 octets. */
export function makeIkeSpi(route: number, random: Uint8Array): bigint {
  let spi = BigInt(route);
  for (let i = 0; i < 5; i++) spi = (spi << 8n) | BigInt(random[i]!);
  return spi;
}

/** @param slot 0 to 255, one for each inbound SA of a peer. */
export function makeEspSpi(route: number, slot: number): number {
  return route * 2 ** 8 + slot;
}
