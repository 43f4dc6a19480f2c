// Extensible Authentication payload, RFC 7296 section 3.16: one EAP message, which eap.ts reads.

import type { PayloadOf } from './payload.ts';

export function parseEAP(body: Uint8Array): PayloadOf<'EAP'> {
  return { type: 'EAP', message: body };
}

export function emitEAP(payload: { readonly message: Uint8Array }): Uint8Array {
  return payload.message;
}
