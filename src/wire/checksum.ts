// The Internet checksum, RFC 1071, and its incremental update, RFC 1624.

/** The checksum field of these octets: the complement of their sum. `initial` is a sum of other parts, such as a pseudo-header's. */
export function checksum(octets: Uint8Array, start: number, end: number, initial = 0): number {
  return ~fold(sum(octets, start, end, initial)) & 0xffff;
}

/**
 * Adds octets to a sum as 16-bit words, an odd last octet padded with zero. A sum is not folded, and exact for all that one
 * IP packet can hold.
 */
export function sum(octets: Uint8Array, start: number, end: number, initial = 0): number {
  let total = initial;
  const even = start + ((end - start) & ~1);
  for (let i = start; i < even; i += 2) total += (octets[i]! << 8) | octets[i + 1]!;
  return even < end ? total + (octets[even]! << 8) : total;
}

/** Of the pseudo-header of RFC 793 section 3.1 or RFC 8200 section 8.1; addresses of 4 or 16 octets. */
export function pseudoHeaderSum(source: Uint8Array, destination: Uint8Array, protocol: number, length: number): number {
  return sum(source, 0, source.length, sum(destination, 0, destination.length, protocol + length));
}

/**
 * The checksum after one 16-bit word changed from `before` to `after`. A word at an odd offset counts with its octets exchanged.
 * HC' = ~(~HC + ~m + m')   (RFC 1624, equation 3)
 */
export function updateChecksum(field: number, before: number, after: number): number {
  return ~fold((~field & 0xffff) + (~before & 0xffff) + after) & 0xffff;
}

function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}
