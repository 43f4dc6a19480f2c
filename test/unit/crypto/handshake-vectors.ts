// The shape of shared/vectors/ikev2-full-handshake.json, and what the test files take from it.

import type { IkeSuite } from '../../../src/crypto/suite.ts';
import { EncrId, IntegId, KeId, PrfId } from '../../../src/wire/ike-numbers.ts';
import { sharedJson } from '../../vector-files.ts';

export const HANDSHAKE = 'ikev2-full-handshake.json';

export interface HandshakeVector {
  psk: string;
  x_i: string;
  g_ir: string;
  spi_i: string;
  spi_r: string;
  ni: string;
  nr: string;
  SKEYSEED: string;
  messages: { from_: 'I' | 'R'; hex: string; plaintext?: string; auth?: string }[];
  child: { keymat: string };
  session_secrets_tests: { psk: string; vectors: Record<string, string>[] };
  [key: string]: unknown;
}

/** AES-CBC-128, HMAC-SHA1, 1024-bit MODP: that of the handshake and of aosp-sarecord.json. */
export const OLD_SUITE: IkeSuite = {
  encr: EncrId.AES_CBC,
  encrKeyBits: 128,
  prf: PrfId.HMAC_SHA1,
  integ: IntegId.HMAC_SHA1_96,
  ke: KeId.MODP_1024,
};

export function handshake(): HandshakeVector {
  return sharedJson(HANDSHAKE);
}

export function spi(hex: string): bigint {
  return BigInt(`0x${hex}`);
}
