// The suites that the tests of ESP run over, and packets to carry.

import type { EspParameters } from '../../../src/esp/parameters.ts';
import { EncrId, IntegId, KeId } from '../../../src/wire/ike-numbers.ts';

const suite = (name: string, encr: number, encrKeyBits: number, integ: number) => ({ name, encr, encrKeyBits, integ });

export const SUITES = [
  suite('AES-128-GCM', EncrId.AES_GCM_16, 128, IntegId.NONE),
  suite('AES-256-GCM', EncrId.AES_GCM_16, 256, IntegId.NONE),
  suite('ChaCha20-Poly1305', EncrId.CHACHA20_POLY1305, 256, IntegId.NONE),
  suite('AES-128-CBC with HMAC-SHA1-96', EncrId.AES_CBC, 128, IntegId.HMAC_SHA1_96),
  suite('AES-256-CBC with HMAC-SHA-256-128', EncrId.AES_CBC, 256, IntegId.HMAC_SHA2_256_128),
  suite('AES-256-CBC with HMAC-SHA-384-192', EncrId.AES_CBC, 256, IntegId.HMAC_SHA2_384_192),
  suite('AES-192-CBC with HMAC-SHA-512-256', EncrId.AES_CBC, 192, IntegId.HMAC_SHA2_512_256),
  suite('AES-256-GMAC', EncrId.NULL_AUTH_AES_GMAC, 256, IntegId.NONE),
  suite('NULL with HMAC-SHA-256-128', EncrId.NULL, 0, IntegId.HMAC_SHA2_256_128),
] as const;

const INTEG_KEY: Record<number, number> = { 0: 0, 2: 20, 12: 32, 13: 48, 14: 64 };

export type TestSuite = (typeof SUITES)[number];

export function parametersFor(s: TestSuite, esn = false, spi = 0x12345601): EspParameters {
  const salt = s.integ === IntegId.NONE ? 4 : 0;
  const filled = (length: number, from: number) => Uint8Array.from({ length }, (_, i) => from + i);
  return {
    spi,
    suite: { encr: s.encr, encrKeyBits: s.encrKeyBits, integ: s.integ, esn, ke: KeId.NONE },
    keys: { encr: filled(s.encrKeyBits / 8 + salt, 1), integ: filled(INTEG_KEY[s.integ]!, 101) },
  };
}

/** A packet of `length` octets (at least a header) whose octets behind the header count up. */
export function innerOf(length: number, family: 4 | 6 = 4): Uint8Array {
  const packet = Uint8Array.from({ length }, (_, i) => i);
  packet[0] = family === 4 ? 0x45 : 0x60;
  const field = family === 4 ? length : length - 40;
  packet.set([field >>> 8, field & 255], family === 4 ? 2 : 4);
  return packet;
}
