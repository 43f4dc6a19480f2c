// Certificate and Certificate Request payloads, RFC 7296 sections 3.6 and 3.7.

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { PayloadOf } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+
   | Cert Encoding |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~           Certificate Data  |  Certification Authority        ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export function parseCERT(body: Uint8Array): PayloadOf<'CERT'> {
  const r = new Reader(body);
  return { type: 'CERT', encoding: r.u8(), data: r.rest() };
}

export function emitCERT(payload: { readonly encoding: number; readonly data: Uint8Array }): Uint8Array {
  return emit(payload.encoding, payload.data);
}

/** For X.509 encodings the authorities are SHA-1 hashes of 20 octets, one after the other. */
export function parseCERTREQ(body: Uint8Array): PayloadOf<'CERTREQ'> {
  const r = new Reader(body);
  return { type: 'CERTREQ', encoding: r.u8(), authorities: r.rest() };
}

export function emitCERTREQ(payload: { readonly encoding: number; readonly authorities: Uint8Array }): Uint8Array {
  return emit(payload.encoding, payload.authorities);
}

function emit(encoding: number, data: Uint8Array): Uint8Array {
  const w = new Writer(1 + data.length);
  w.u8(encoding);
  w.octets(data);
  return w.finish();
}
