// Delete payload, RFC 7296 section 3.11.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { DeletePayload } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   | Protocol ID   |   SPI Size    |          Num of SPIs          |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~               Security Parameter Index(es) (SPI)              ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

const SPIS = 256;

/** Without an SPI size (the IKE SA) there are no SPIs, whatever number is named. */
export function parseD(body: Uint8Array): DeletePayload {
  const r = new Reader(body);
  const protocol = r.u8();
  const spiSize = r.u8();
  const count = r.u16();
  if (spiSize > 0 && count > SPIS) throw new Malformed(`${count} SPIs to delete`);
  const spis: Uint8Array[] = [];
  if (spiSize > 0) for (let i = 0; i < count; i++) spis.push(r.take(spiSize));
  r.expectEmpty('the last SPI to delete');
  return { type: 'D', protocol, spis };
}

/** All SPIs of one payload have one size. */
export function emitD(payload: Omit<DeletePayload, 'type'>): Uint8Array {
  const w = new Writer(4 + 4 * payload.spis.length);
  w.u8(payload.protocol);
  w.u8(payload.spis[0]?.length ?? 0);
  w.u16(payload.spis.length);
  for (const spi of payload.spis) w.octets(spi);
  return w.finish();
}
