// A whole IKE message: header, payloads in clear, and the Encrypted (Fragment) payload that may end it.
// RFC 7296 sections 3.1 and 3.14, RFC 7383 section 2.5.

import { Malformed } from '../bytes/malformed.ts';
import { concat } from '../bytes/octets.ts';
import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import {
  emitIkeHeader,
  IKE_HEADER_OCTETS,
  type IkeHeader,
  type IkeHeaderFields,
  parseIkeHeader,
} from './ike-header.ts';
import { PayloadType } from './ike-numbers.ts';
import type { Payload } from './payload.ts';
import { type Encrypted, emitPayloads, parseChain } from './payloads.ts';

/*
   SK                                                                SKF
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+- ... -+-+-+
   | Next Payload  |C|  RESERVED   |         Payload Length        |   | as SK                   |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+- ... -+-+-+
                                                                       | Fragment N | Total Fr.  |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+- ... -+-+-+
   |                     Initialization Vector                     |   | as SK                   |
   ~        Encrypted IKE Payloads, Padding, Pad Length            ~   ~                         ~
   ~                    Integrity Checksum Data                    ~   ~                         ~
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+- ... -+-+-+
*/

export interface ProtectedPart {
  readonly kind: 'SK' | 'SKF';
  /** Type of the first inner payload; of a fragment other than the first it is 0. */
  readonly first: number;
  /** As received: whether the two make sense is for the reassembly to say. */
  readonly fragment: { readonly number: number; readonly total: number } | null;
  /** Of the IV in the message. */
  readonly offset: number;
}

export interface IkeMessage {
  readonly header: IkeHeader;
  /** Those in clear, before the protected part. */
  readonly payloads: readonly Payload[];
  readonly protected: ProtectedPart | null;
  /** The whole message, without non-ESP marker. */
  readonly octets: Uint8Array;
}

/** @throws Malformed also for another major version than 2: look at the header first where that is to be answered. */
export function parseIkeMessage(octets: Uint8Array): IkeMessage {
  const header = parseIkeHeader(octets);
  if (header.majorVersion !== 2) throw new Malformed(`major version ${header.majorVersion}`);
  if (header.length !== octets.length) throw new Malformed(`${octets.length} octets, the header says ${header.length}`);
  const { payloads, encrypted } = parseChain(header.nextPayload, new Reader(octets, IKE_HEADER_OCTETS));
  return { header, payloads, protected: encrypted === null ? null : protectedPart(encrypted), octets };
}

/** A message in clear. */
export function emitIkeMessage(fields: IkeHeaderFields, payloads: readonly Payload[]): Uint8Array {
  const { first, octets } = emitPayloads(payloads);
  return concat(emitIkeHeader(headerOf(fields, first, IKE_HEADER_OCTETS + octets.length)), octets);
}

/**
 * A protected message, all but its body filled in, which makes everything before the body the associated data of an AEAD.
 * @param bodyLength octets of IV, ciphertext and ICV together.
 * @returns the message and where its body starts.
 */
export function emitProtectedShell(
  fields: IkeHeaderFields,
  part: Omit<ProtectedPart, 'offset'>,
  bodyLength: number,
): { octets: Uint8Array; offset: number } {
  const offset = IKE_HEADER_OCTETS + (part.fragment === null ? SK_HEADER : SKF_HEADER);
  const length = offset + bodyLength;
  const w = new Writer(offset);
  w.octets(emitIkeHeader(headerOf(fields, PayloadType[part.kind], length)));
  w.u8(part.first);
  w.u8(0);
  w.patch16(w.reserve16(), length - IKE_HEADER_OCTETS);
  if (part.fragment !== null) {
    w.u16(part.fragment.number);
    w.u16(part.fragment.total);
  }
  const octets = new Uint8Array(length);
  octets.set(w.finish());
  return { octets, offset };
}

const SK_HEADER = 4;
const SKF_HEADER = 8;

function headerOf(fields: IkeHeaderFields, nextPayload: number, length: number): IkeHeader {
  return { ...fields, nextPayload, majorVersion: 2, minorVersion: 0, length };
}

function protectedPart({ type, next, body }: Encrypted): ProtectedPart {
  if (type === PayloadType.SK) return { kind: 'SK', first: next, fragment: null, offset: body.offset };
  const fragment = { number: body.u16(), total: body.u16() };
  return { kind: 'SKF', first: next, fragment, offset: body.offset };
}
