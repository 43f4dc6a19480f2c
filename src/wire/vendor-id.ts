// Vendor ID payload, RFC 7296 section 3.12: nothing but the vendor's octets.

import type { PayloadOf } from './payload.ts';

export function parseV(body: Uint8Array): PayloadOf<'V'> {
  return { type: 'V', data: body };
}

export function emitV(payload: { readonly data: Uint8Array }): Uint8Array {
  return payload.data;
}
