// Notify payload, RFC 7296 section 3.10.

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import type { NotifyPayload } from './payload.ts';

/*
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |  Protocol ID  |   SPI Size    |      Notify Message Type      |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                Security Parameter Index (SPI)                 ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   ~                       Notification Data                       ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

/** An SPI is kept whatever its size; for most notifications the protocol has no meaning and is kept as it came. */
export function parseN(body: Uint8Array): NotifyPayload {
  const r = new Reader(body);
  const protocol = r.u8();
  const spiSize = r.u8();
  const notify = r.u16();
  return { type: 'N', notify, protocol, spi: r.take(spiSize), data: r.rest() };
}

export function emitN(payload: Omit<NotifyPayload, 'type'>): Uint8Array {
  const w = new Writer(4 + payload.spi.length + payload.data.length);
  w.u8(payload.protocol);
  w.u8(payload.spi.length);
  w.u16(payload.notify);
  w.octets(payload.spi);
  w.octets(payload.data);
  return w.finish();
}
