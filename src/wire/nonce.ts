// Nonce payload, RFC 7296 section 3.9: nothing but the nonce.

import { Malformed } from '../bytes/malformed.ts';
import type { PayloadOf } from './payload.ts';

/** "The size of the Nonce Data MUST be between 16 and 256 octets, inclusive." */
export function parseNONCE(body: Uint8Array): PayloadOf<'NONCE'> {
  if (body.length < 16 || body.length > 256) throw new Malformed(`a nonce of ${body.length} octets`);
  return { type: 'NONCE', data: body };
}

export function emitNONCE(payload: { readonly data: Uint8Array }): Uint8Array {
  return payload.data;
}
