// Writing ASN.1 DER (X.690), as much as PKCS#12 takes.

import { concat, fromHex } from '../../src/bytes/octets.ts';

const Tag = {
  INTEGER: 0x02,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(Tag.SEQUENCE, concat(...parts));
}

/** Of one member: more would have to be sorted. */
export function setOf(part: Uint8Array): Uint8Array {
  return element(Tag.SET, part);
}

export function octetString(octets: Uint8Array): Uint8Array {
  return element(Tag.OCTET_STRING, octets);
}

/** [n] EXPLICIT, or IMPLICIT of something constructed. */
export function tagged(n: number, content: Uint8Array): Uint8Array {
  return element(0xa0 | n, content);
}

/** @param value at least 0. */
export function integer(value: number): Uint8Array {
  const hex = value.toString(16);
  const octets = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  return element(Tag.INTEGER, octets[0]! < 0x80 ? octets : concat(Uint8Array.of(0), octets));
}

export function nothing(): Uint8Array {
  return element(Tag.NULL, new Uint8Array(0));
}

/** @param dotted such as `1.2.840.113549`. */
export function oid(dotted: string): Uint8Array {
  const [first, second, ...arcs] = dotted.split('.').map(Number);
  return element(Tag.OID, Uint8Array.from([40 * first! + second!, ...arcs.flatMap(base128)]));
}

export function bmpString(text: string): Uint8Array {
  return element(Tag.BMP_STRING, utf16(text));
}

/** Big endian. */
export function utf16(text: string): Uint8Array {
  return Uint8Array.from({ length: 2 * text.length }, (_, i) => {
    const unit = text.charCodeAt(i >> 1);
    return i % 2 === 0 ? unit >> 8 : unit & 0xff;
  });
}

function base128(arc: number): number[] {
  const octets = [arc & 0x7f];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | (rest & 0x7f));
  return octets;
}

function element(tag: number, content: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(tag), lengthOctets(content.length), content);
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.from([0x80 | octets.length, ...octets]);
}
