// Authentication payload, RFC 7296 section 3.8. What stands inside for method 14 is RFC 7427's and not read here.

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { PayloadOf } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Auth Method   |                RESERVED                       |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                      Authentication Data                      ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export function parseAUTH(body: Uint8Array): PayloadOf<'AUTH'> {
  const r = new Reader(body);
  const method = r.u8();
  r.take(3);
  return { type: 'AUTH', method, data: r.rest() };
}

export function emitAUTH(payload: { readonly method: number; readonly data: Uint8Array }): Uint8Array {
  const w = new Writer(4 + payload.data.length);
  w.u8(payload.method);
  w.u8(0);
  w.u16(0);
  w.octets(payload.data);
  return w.finish();
}
