// MS-CHAPv2 of RFC 2759 and RFC 3079, with its MD4 (RFC 1320) and DES (FIPS 46-3).

import { createCipheriv, createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../src/bytes/octets.ts';
import { desEncrypt } from '../../../src/crypto/des.ts';
import { md4 } from '../../../src/crypto/md4.ts';
import { authenticatorResponse, masterSessionKey, ntResponse } from '../../../src/crypto/mschapv2.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { describeShared, ownVectors, sharedJson } from '../../vector-files.ts';

const p = workerPrimitives();

describe('MD4', () => {
  const { vectors } = ownVectors<{ vectors: { text: string; md4: string }[] }>('rfc1320.json');

  it.each(vectors)('of "$text"', (v) => {
    expect(toHex(md4(utf8(v.text)))).toBe(v.md4);
  });

  const { vectors: lengths } = ownVectors<{ vectors: { length: number; md4: string }[] }>('md4-boringssl.json');

  it.each(lengths)('of $length octets', (v) => {
    expect(toHex(md4(Uint8Array.from({ length: v.length }, (_, i) => i)))).toBe(v.md4);
  });
});

describe('DES', () => {
  const { vectors } = ownVectors<{ vectors: { key: string; block: string; encrypted: string }[] }>('des.json');

  it.each(vectors)('of $block under $key', (v) => {
    expect(toHex(desEncrypt(fromHex(v.key), fromHex(v.block)))).toBe(v.encrypted);
  });

  it('is what 3DES does with one key three times', () => {
    const eight = fc.uint8Array({ minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(eight, eight, (key, block) => {
        const cipher = createCipheriv('des-ede3-cbc', concat(key, key, key), new Uint8Array(8)).setAutoPadding(false);
        expect(toHex(desEncrypt(key, block))).toBe(cipher.update(block).toString('hex'));
      }),
    );
  });
});

interface MschapVector {
  userName: string;
  password: string;
  authenticatorChallenge: string;
  peerChallenge: string;
  ntResponse: string;
  authenticatorResponse: string;
  serverSendKey: string;
}

describe('MS-CHAPv2, RFC 2759 section 9.2 and RFC 3079 section 3.5.3', () => {
  const v = ownVectors<MschapVector>('rfc2759-rfc3079.json');
  const exchange = {
    authenticatorChallenge: fromHex(v.authenticatorChallenge),
    peerChallenge: fromHex(v.peerChallenge),
    userName: utf8(v.userName),
    password: v.password,
  };

  it('makes the NT-Response', () => {
    expect(toHex(ntResponse(p, exchange))).toBe(v.ntResponse);
  });

  it('leaves a domain before the user name out', () => {
    expect(toHex(ntResponse(p, { ...exchange, userName: utf8(`CORP\\${v.userName}`) }))).toBe(v.ntResponse);
  });

  it('makes the authenticator response', () => {
    expect(authenticatorResponse(p, exchange, fromHex(v.ntResponse))).toBe(v.authenticatorResponse);
  });

  it('makes an MSK of 64 octets, the send key of the server in its second quarter', () => {
    const msk = masterSessionKey(p, v.password, fromHex(v.ntResponse));
    expect(msk).toHaveLength(64);
    expect(toHex(msk.subarray(16))).toBe(v.serverSendKey + '00'.repeat(32));
  });

  it('changes with every part of the exchange', () => {
    const other = (part: Partial<typeof exchange>) => toHex(ntResponse(p, { ...exchange, ...part }));
    const changes = [
      { password: 'clientPast' },
      { password: 'clientpass' },
      { userName: utf8('Usep') },
      { peerChallenge: exchange.authenticatorChallenge },
      { authenticatorChallenge: exchange.peerChallenge },
    ];
    const responses = changes.map(other);
    expect(new Set([...responses, v.ntResponse]).size).toBe(changes.length + 1);
  });

  it('takes the password in UTF-16LE', () => {
    const password = 'Пароль€😀';
    const hashHash = md4(md4(Buffer.from(password, 'utf16le')));
    const response = fromHex(v.ntResponse);
    const masterKey = sha1(hashHash, response, utf8('This is the MPPE Master Key')).subarray(0, 16);
    const magic = 'On the client side, this is the send key; on the server side, it is the receive key.';
    const key = sha1(masterKey, new Uint8Array(40), utf8(magic), new Uint8Array(40).fill(0xf2)).subarray(0, 16);
    expect(toHex(masterSessionKey(p, password, response).subarray(0, 16))).toBe(toHex(key));
  });
});

function sha1(...parts: Uint8Array[]): Uint8Array {
  return createHash('sha1')
    .update(concat(...parts))
    .digest();
}

describeShared('MS-CHAPv2 in whole', 'mschapv2-rfc2759-rfc3079.json', () => {
  it('makes the MSK', () => {
    const v = sharedJson<Record<string, string>>('mschapv2-rfc2759-rfc3079.json');
    expect(toHex(masterSessionKey(p, v.password!, fromHex(v.nt_response!)))).toBe(v.msk_us_computed);
  });
});
