// The MODP groups against those of OpenSSL.

import { createDiffieHellman, getDiffieHellman } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/octets.ts';
import * as modp from '../../../worker/edge/modp.ts';

const GROUPS: [string, modp.ModpGroup][] = [
  ['modp2', modp.MODP_1024],
  ['modp5', modp.MODP_1536],
  ['modp14', modp.MODP_2048],
  ['modp15', modp.MODP_3072],
  ['modp16', modp.MODP_4096],
];

describe.each(GROUPS)('%s', (name, group) => {
  const native = getDiffieHellman(name);

  it('has the prime that OpenSSL has', () => {
    expect(group.prime.toString(16)).toBe(native.getPrime('hex'));
    expect(group.octets).toBe(native.getPrime().length);
  });

  it('agrees with OpenSSL', () => {
    const secret = new Uint8Array(group.secretOctets).fill(0xc5);
    native.generateKeys();
    const shared = modp.modpAgree(group, secret, padded(native.getPublicKey()))!;
    expect(toHex(shared)).toBe(toHex(padded(native.computeSecret(modp.modpPublicValue(group, secret)))));
  });

  it('takes 1 < y < p-1 only', () => {
    const secret = Uint8Array.of(3);
    const hex = (y: bigint) => fromHex(y.toString(16).padStart(2 * group.octets, '0'));
    for (const y of [0n, 1n, group.prime - 1n, group.prime, group.prime + 1n]) {
      expect(modp.modpAgree(group, secret, hex(y))).toBeNull();
    }
    expect(BigInt(`0x${toHex(modp.modpAgree(group, secret, hex(2n))!)}`)).toBe(8n);
    expect(BigInt(`0x${toHex(modp.modpAgree(group, secret, hex(group.prime - 2n))!)}`)).toBe(group.prime - 8n);
  });

  it('takes values of the length of the prime only', () => {
    const value = new Uint8Array(group.octets).fill(2);
    expect(modp.modpAgree(group, Uint8Array.of(3), value)).not.toBeNull();
    expect(modp.modpAgree(group, Uint8Array.of(3), value.subarray(1))).toBeNull();
  });

  function padded(octets: Uint8Array): Uint8Array {
    const whole = new Uint8Array(group.octets);
    whole.set(octets, whole.length - octets.length);
    return whole;
  }
});

describe('exponents', () => {
  it('count at every bit, in whole and in broken windows', () => {
    const native = createDiffieHellman(getDiffieHellman('modp2').getPrime(), 2);
    for (const length of [1, 4, 5, 8, 20, 32]) {
      for (const octet of [0x01, 0x80, 0xff]) {
        const secret = new Uint8Array(length).fill(octet);
        native.setPrivateKey(secret);
        const expected = native.generateKeys('hex').padStart(256, '0');
        expect(toHex(modp.modpPublicValue(modp.MODP_1024, secret))).toBe(expected);
      }
    }
  });
});
