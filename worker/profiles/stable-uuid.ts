// Identifiers that stay the same for a member and a purpose, so that a new profile takes the place of the old one (RFC 9562 section 5.8).

import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../src/bytes/octets.ts';

export function stableUuid(member: string, purpose: string): string {
  const octets = sha256(utf8(`culvert profile\0${member}\0${purpose}`)).slice(0, 16);
  octets[6] = (octets[6]! & 0x0f) | 0x80;
  octets[8] = (octets[8]! & 0x3f) | 0x80;
  return toHex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
