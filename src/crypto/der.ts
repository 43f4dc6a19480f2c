// As much of ASN.1 DER (X.690) as an AlgorithmIdentifier takes: elements shorter than 64 KiB with one-octet tags.

import { concat } from '../bytes/octets.ts';

export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** @returns the elements that the octets consist of, or null when they do not. */
export function derContent(octets: Uint8Array): DerElement[] | null {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < octets.length) {
    const header = derHeader(octets, at);
    if (header === null) return null;
    const end = header.start + header.length;
    elements.push({ tag: octets[at] ?? 0, content: octets.subarray(header.start, end) });
    at = end;
  }
  return elements;
}

/** Emits one element; its content is the parts one after the other. */
export function derElement(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  const { length } = content;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content);
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), content);
  return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content);
}

/** @returns null unless a whole element stands at `at`. */
function derHeader(octets: Uint8Array, at: number): { readonly start: number; readonly length: number } | null {
  const short = octets[at + 1];
  if (short === undefined) return null;
  const more = short < 0x80 ? 0 : short - 0x80;
  const start = at + 2 + more;
  if (short === 0x80 || more > 2 || start > octets.length) return null;
  let length = more === 0 ? short : 0;
  for (let i = at + 2; i < start; i++) length = length * 256 + (octets[i] ?? 0);
  return start + length <= octets.length ? { start, length } : null;
}
