// IKE header, RFC 7296 section 3.1.

import { Malformed } from '../bytes/malformed.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';

/*
                        1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                       IKE SA Initiator's SPI                  |
   |                                                               |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                       IKE SA Responder's SPI                  |
   |                                                               |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                          Message ID                           |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                            Length                             |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

        Flags  |X|X|R|V|I|X|X|X|
*/

export interface IkeHeader {
  readonly SPIi: bigint;
  readonly SPIr: bigint;
  readonly nextPayload: number;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly exchange: number;
  /** Flag I: the sender is the original initiator of the IKE SA. */
  readonly initiator: boolean;
  /** Flag R. */
  readonly response: boolean;
  readonly messageId: number;
  /** Octets of the whole message, this header included. */
  readonly length: number;
}

/** What a sender decides of a header; the rest follows from the payloads. */
export type IkeHeaderFields = Pick<IkeHeader, 'SPIi' | 'SPIr' | 'exchange' | 'initiator' | 'response' | 'messageId'>;

export const IKE_HEADER_OCTETS = 28;

const FLAG_I = 0x08;
const FLAG_R = 0x20;

/** Reads the first 28 octets of any major version; only a length shorter than the header itself is refused. */
export function parseIkeHeader(octets: Uint8Array): IkeHeader {
  const r = new Reader(octets);
  const SPIi = r.u64();
  const SPIr = r.u64();
  const nextPayload = r.u8();
  const version = r.u8();
  const exchange = r.u8();
  const flags = r.u8();
  const messageId = r.u32();
  const length = r.u32();
  if (length < IKE_HEADER_OCTETS) throw new Malformed(`an IKE message of ${length} octets`);
  return {
    SPIi,
    SPIr,
    nextPayload,
    majorVersion: version >> 4,
    minorVersion: version & 0x0f,
    exchange,
    initiator: (flags & FLAG_I) !== 0,
    response: (flags & FLAG_R) !== 0,
    messageId,
    length,
  };
}

/** @returns 28 octets. */
export function emitIkeHeader(header: IkeHeader): Uint8Array {
  const w = new Writer(IKE_HEADER_OCTETS);
  w.u64(header.SPIi);
  w.u64(header.SPIr);
  w.u8(header.nextPayload);
  w.u8((header.majorVersion << 4) | header.minorVersion);
  w.u8(header.exchange);
  w.u8((header.initiator ? FLAG_I : 0) | (header.response ? FLAG_R : 0));
  w.u32(header.messageId);
  w.u32(header.length);
  return w.finish();
}
