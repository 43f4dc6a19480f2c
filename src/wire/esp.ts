// ESP header and trailer, RFC 4303 section 2. The ICV and what makes it belong to src/esp.

import { IpProtocol } from './ip-protocol.ts';

/*
    0                   1                   2                   3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |               Security Parameters Index (SPI)                 |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                      Sequence Number                          |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                    IV (optional)                              |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                    Rest of Payload Data  (variable)           |
   ~                                                               ~
   |               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |               |         TFC Padding * (optional, variable)    |
   +-+-+-+-+-+-+-+-+         +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                         |        Padding (0-255 bytes)        |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                               |  Pad Length   | Next Header   |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
*/

export const ESP_HEADER_OCTETS = 8;
/** Pad Length and Next Header. */
export const ESP_TRAILER_OCTETS = 2;

/** What Next Header says of a tunnel mode packet: the family within, or a dummy (RFC 4303 section 2.6). */
export const EspNextHeader = {
  IPV4: IpProtocol.IPV4,
  IPV6: IpProtocol.IPV6,
  DUMMY: IpProtocol.NO_NEXT_HEADER,
} as const;

/** For octets that classify() calls ESP. */
export function espSpi(octets: Uint8Array): number {
  return u32(octets, 0);
}

/** The low 32 bits: the high ones of an extended number are not sent. */
export function espSequence(octets: Uint8Array): number {
  return u32(octets, 4);
}

/** Writes the first 8 octets. A sequence number beyond 32 bits loses its high ones, as the RFC has it. */
export function writeEspHeader(octets: Uint8Array, spi: number, sequence: number): void {
  put32(octets, 0, spi);
  put32(octets, 4, sequence % 0x1_0000_0000);
}

export interface EspTrailer {
  readonly nextHeader: number;
  /** Octets of payload data, TFC padding included: only the inner packet's own length tells the two apart. */
  readonly payloadLength: number;
}

/**
 * Reads the end of a decrypted payload. Padding octets are not looked at: the ICV has covered them.
 * @returns null when the pad length is beyond what is there.
 */
export function parseEspTrailer(plaintext: Uint8Array): EspTrailer | null {
  const payloadLength = plaintext.length - ESP_TRAILER_OCTETS - (plaintext[plaintext.length - 2] ?? 0);
  return payloadLength < 0 ? null : { nextHeader: plaintext[plaintext.length - 1]!, payloadLength };
}

/** @returns octets of plaintext for a payload: with padding and trailer a multiple of `alignment` (at least 4, RFC 4303 section 2.4). */
export function espPlaintextLength(payloadLength: number, alignment: number): number {
  return Math.ceil((payloadLength + ESP_TRAILER_OCTETS) / alignment) * alignment;
}

/** Fills what follows the payload in a plaintext of the right length: padding 1, 2, 3, ..., its length, and the next header. */
export function writeEspTrailer(plaintext: Uint8Array, payloadLength: number, nextHeader: number): void {
  const padLength = plaintext.length - ESP_TRAILER_OCTETS - payloadLength;
  for (let i = 0; i < padLength; i++) plaintext[payloadLength + i] = i + 1;
  plaintext[plaintext.length - 2] = padLength;
  plaintext[plaintext.length - 1] = nextHeader;
}

function u32(octets: Uint8Array, at: number): number {
  return ((octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!) >>> 0;
}

function put32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24;
  octets[at + 1] = value >>> 16;
  octets[at + 2] = value >>> 8;
  octets[at + 3] = value;
}
