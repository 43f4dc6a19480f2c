// Key Exchange payload, RFC 7296 section 3.4.

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { PayloadOf } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |   Diffie-Hellman Group Num    |           RESERVED            |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                       Key Exchange Data                       ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export function parseKE(body: Uint8Array): PayloadOf<'KE'> {
  const r = new Reader(body);
  const method = r.u16();
  r.u16();
  return { type: 'KE', method, data: r.rest() };
}

export function emitKE(payload: { readonly method: number; readonly data: Uint8Array }): Uint8Array {
  const w = new Writer(4 + payload.data.length);
  w.u16(payload.method);
  w.u16(0);
  w.octets(payload.data);
  return w.finish();
}
