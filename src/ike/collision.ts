// Simultaneous rekeys: of four nonces the lowest loses its SA (RFC 7296 section 2.8.1).

import { compare } from '../bytes/octets.ts';

export function lowerNonce(Ni: Uint8Array, Nr: Uint8Array): Uint8Array {
  return compare(Ni, Nr) <= 0 ? Ni : Nr;
}

/** Whether the SA made with `ours` is the redundant one, to be closed by the side that began it. */
export function isRedundant(ours: Uint8Array, rival: Uint8Array): boolean {
  return compare(ours, rival) < 0;
}
