// Key derivation of RFC 7296 sections 2.14, 2.17 and 2.18.

import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/bytes/octets.ts';
import { deriveChildKeys, deriveIkeKeys, deriveRekeyedIkeKeys, type IkeKeys } from '../../../src/crypto/keymat.ts';
import { prf, prfPlus } from '../../../src/crypto/prf.ts';
import type { EspSuite, IkeSuite } from '../../../src/crypto/suite.ts';
import { parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { EncrId, IntegId, KeId, PrfId } from '../../../src/wire/ike-numbers.ts';
import { startKeyExchange } from '../../../worker/edge/key-exchange.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { describeShared, sharedJson } from '../../vector-files.ts';
import { HANDSHAKE, handshake, OLD_SUITE, spi } from './handshake-vectors.ts';

const p = workerPrimitives();
const NAMES = ['SK_d', 'SK_ai', 'SK_ar', 'SK_ei', 'SK_er', 'SK_pi', 'SK_pr'] as const;

function hexOf(keys: IkeKeys): Record<string, string> {
  return Object.fromEntries(NAMES.map((name) => [name, toHex(keys[name])]));
}

describe('deriveIkeKeys', () => {
  const seed = {
    Ni: new Uint8Array(32).fill(1),
    Nr: new Uint8Array(16).fill(2),
    shared: new Uint8Array(32).fill(3),
    SPIi: 0x0102030405060708n,
    SPIr: 0xf1f2f3f4f5f6f7f8n,
  };
  const sizes = (suite: IkeSuite) => NAMES.map((name) => deriveIkeKeys(p, suite, seed)[name].length);

  it('gives an AEAD its salt and no integrity key', () => {
    const suite = { prf: PrfId.HMAC_SHA2_384, integ: IntegId.NONE, ke: KeId.ECP_384 };
    expect(sizes({ ...suite, encr: EncrId.AES_GCM_16, encrKeyBits: 128 })).toEqual([48, 0, 0, 20, 20, 48, 48]);
    expect(sizes({ ...suite, encr: EncrId.AES_GCM_16, encrKeyBits: 256 })).toEqual([48, 0, 0, 36, 36, 48, 48]);
    expect(sizes({ ...suite, encr: EncrId.CHACHA20_POLY1305, encrKeyBits: 0 })).toEqual([48, 0, 0, 36, 36, 48, 48]);
  });

  it('gives CBC an integrity key as long as its hash', () => {
    const suite = { encr: EncrId.AES_CBC, encrKeyBits: 256, prf: PrfId.HMAC_SHA2_256, ke: KeId.ECP_256 };
    expect(sizes({ ...suite, integ: IntegId.HMAC_SHA2_256_128 })).toEqual([32, 32, 32, 32, 32, 32, 32]);
    expect(sizes({ ...suite, integ: IntegId.HMAC_SHA2_384_192 })).toEqual([32, 48, 48, 32, 32, 32, 32]);
    expect(sizes({ ...suite, integ: IntegId.HMAC_SHA2_512_256 })).toEqual([32, 64, 64, 32, 32, 32, 32]);
    expect(sizes({ ...suite, integ: IntegId.HMAC_SHA1_96 })).toEqual([32, 20, 20, 32, 32, 32, 32]);
  });

  it('holds each key in memory of its own', () => {
    for (const name of NAMES) {
      const key = deriveIkeKeys(p, OLD_SUITE, seed)[name];
      expect(key.buffer.byteLength).toBe(key.length);
    }
  });
});

describe('deriveRekeyedIkeKeys', () => {
  it('takes SKEYSEED by the old prf and all keys by the new one', () => {
    const suite: IkeSuite = {
      encr: EncrId.AES_GCM_16,
      encrKeyBits: 256,
      prf: PrfId.HMAC_SHA2_512,
      integ: IntegId.NONE,
      ke: KeId.CURVE25519,
    };
    const SK_d = new Uint8Array(32).fill(7);
    const [Ni, Nr, shared] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)];
    const keys = deriveRekeyedIkeKeys(p, PrfId.HMAC_SHA2_256, SK_d, suite, { Ni, Nr, shared, SPIi: 5n, SPIr: 6n });
    const SKEYSEED = prf(p, PrfId.HMAC_SHA2_256, SK_d, concat(shared, Ni, Nr));
    const input = concat(Ni, Nr, fromHex('0000000000000005'), fromHex('0000000000000006'));
    const stream = prfPlus(p, PrfId.HMAC_SHA2_512, SKEYSEED, input, 3 * 64 + 2 * 36);
    expect(NAMES.map((name) => toHex(keys[name])).join('')).toBe(toHex(stream));
  });
});

describe('deriveChildKeys', () => {
  const [SK_d, Ni, Nr] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const suite: EspSuite = {
    encr: EncrId.AES_GCM_16,
    encrKeyBits: 128,
    integ: IntegId.NONE,
    esn: true,
    ke: KeId.CURVE25519,
  };

  it('puts g^ir before the nonces', () => {
    const shared = new Uint8Array(32).fill(3);
    const { initiator, responder } = deriveChildKeys(p, PrfId.HMAC_SHA2_256, SK_d, suite, { Ni, Nr, shared });
    const KEYMAT = toHex(prfPlus(p, PrfId.HMAC_SHA2_256, SK_d, concat(shared, Ni, Nr), 40));
    expect(toHex(initiator.encr) + toHex(responder.encr)).toBe(KEYMAT);
    expect([initiator.integ.length, responder.integ.length]).toEqual([0, 0]);
  });

  it('does without perfect forward secrecy', () => {
    const { initiator } = deriveChildKeys(p, PrfId.HMAC_SHA2_256, SK_d, suite, { Ni, Nr, shared: null });
    expect(toHex(initiator.encr)).toBe(toHex(prfPlus(p, PrfId.HMAC_SHA2_256, SK_d, concat(Ni, Nr), 20)));
  });
});

describeShared('a recorded handshake', HANDSHAKE, () => {
  it('yields the keys of both sides and of the child', async () => {
    const v = handshake();
    const [Ni, Nr, shared] = [fromHex(v.ni), fromHex(v.nr), fromHex(v.g_ir)];
    const keys = deriveIkeKeys(p, OLD_SUITE, { Ni, Nr, shared, SPIi: spi(v.spi_i), SPIr: spi(v.spi_r) });
    expect(hexOf(keys)).toEqual(Object.fromEntries(NAMES.map((name) => [name, v[name]])));
    const esp: EspSuite = { ...OLD_SUITE, esn: false, ke: KeId.NONE };
    const child = deriveChildKeys(p, OLD_SUITE.prf, keys.SK_d, esp, { Ni, Nr, shared: null });
    const { initiator, responder } = child;
    const parts = [initiator.encr, initiator.integ, responder.encr, responder.integ];
    expect(parts.map(toHex).join('')).toBe(v.child.keymat);
  });

  it('has its g^ir from the private value of the initiator', async () => {
    const v = handshake();
    const exchange = (await startKeyExchange(KeId.MODP_1024, fromHex(v.x_i)))!;
    const [KEi, KEr] = v.messages.slice(0, 2).map(({ hex }) => {
      return parseIkeMessage(fromHex(hex)).payloads.find((payload) => payload.type === 'KE')!.data;
    });
    expect(toHex(exchange.publicValue)).toBe(toHex(KEi!));
    expect(toHex((await exchange.agree(KEr!))!)).toBe(v.g_ir);
  });

  it('has a second derivation beside it', () => {
    const vector = handshake().session_secrets_tests.vectors[0]!;
    const keys = deriveIkeKeys(p, OLD_SUITE, {
      Ni: fromHex(vector.setInitiatorNonce!),
      Nr: fromHex(vector.setResponderNonce!),
      shared: fromHex(vector.setDHSecret!),
      SPIi: spi(vector.setInitiatorCookie!),
      SPIr: spi(vector.setResponderCookie!),
    });
    const expected = NAMES.map((name) => [name, vector[`expect_get${name.replace('_', '')}`]]);
    expect(hexOf(keys)).toEqual(Object.fromEntries(expected));
  });
});

describeShared('the SA record of AOSP', 'aosp-sarecord.json', () => {
  it('yields the same keys', () => {
    const v = sharedJson<Record<string, string> & { child: Record<string, string> }>('aosp-sarecord.json');
    const [Ni, Nr, shared] = [fromHex(v.ni!), fromHex(v.nr!), fromHex(v.g_ir!)];
    const keys = deriveIkeKeys(p, OLD_SUITE, { Ni, Nr, shared, SPIi: spi(v.spi_i!), SPIr: spi(v.spi_r!) });
    expect(hexOf(keys)).toEqual(Object.fromEntries(NAMES.map((name) => [name, v[name]!.toLowerCase()])));
    const esp: EspSuite = { ...OLD_SUITE, esn: false, ke: KeId.NONE };
    const { initiator, responder } = deriveChildKeys(p, OLD_SUITE.prf, keys.SK_d, esp, { Ni, Nr, shared: null });
    const parts = {
      encr_i: initiator.encr,
      integ_i: initiator.integ,
      encr_r: responder.encr,
      integ_r: responder.integ,
    };
    for (const [name, key] of Object.entries(parts)) expect(toHex(key)).toBe(v.child[name]!.toLowerCase());
  });
});
