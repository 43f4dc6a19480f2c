// Handshakes of which nobody knows the network are kept by the address that they came from, in several objects: a flood shall not
// meet in one, and who asks about an address asks one.

const RINGS = 16;

/** Names of the network objects that keep them. */
export const STRANGERS: readonly string[] = Array.from({ length: RINGS }, (_, i) => `strangers-${i}`);

/** @param address as it stands in a path, 4 or 16 octets. */
export function strangersFrom(address: Uint8Array): string {
  const sum = address.reduce((hash, octet) => (hash * 31 + octet) % 65_521, 7);
  return STRANGERS[sum % RINGS]!;
}
