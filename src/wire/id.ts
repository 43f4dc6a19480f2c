// Identification payloads, RFC 7296 section 3.5.

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { Identity, PayloadOf } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |   ID Type     |                 RESERVED                      |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                   Identification Data                         ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export function parseIDi(body: Uint8Array): PayloadOf<'IDi'> {
  return { type: 'IDi', ...parseIdentity(body) };
}

export function parseIDr(body: Uint8Array): PayloadOf<'IDr'> {
  return { type: 'IDr', ...parseIdentity(body) };
}

/** Also the RestOfInitIDPayload that is proven in AUTH (RFC 7296 section 2.15): IDType | RESERVED | InitIDData. */
export function emitIdentity(identity: Identity): Uint8Array {
  const w = new Writer(4 + identity.data.length);
  w.u8(identity.idType);
  w.u8(0);
  w.u16(0);
  w.octets(identity.data);
  return w.finish();
}

function parseIdentity(body: Uint8Array): Identity {
  const r = new Reader(body);
  const idType = r.u8();
  r.take(3);
  return { idType, data: r.rest() };
}
