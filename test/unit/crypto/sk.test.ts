// The Encrypted payload and its fragments: RFC 7296 section 3.14, RFC 5282, RFC 7383 section 2.5.

import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/bytes/octets.ts';
import { openSk, type SkKeys, sealSk, skBodyLength } from '../../../src/crypto/sk.ts';
import type { IkeSuite } from '../../../src/crypto/suite.ts';
import { emitProtectedShell, parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { EncrId, ExchangeType, IntegId, KeId, PrfId } from '../../../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { readCapture } from '../../capture-file.ts';
import { describeShared, ownVectors, sharedJson, sharedOctets } from '../../vector-files.ts';
import { HANDSHAKE, handshake, OLD_SUITE } from './handshake-vectors.ts';

const p = workerPrimitives();

const BASE = { prf: PrfId.HMAC_SHA2_256, ke: KeId.CURVE25519 };
const SUITES: readonly (IkeSuite & { readonly name: string; readonly keyOctets: number; readonly ivOctets: number })[] =
  [
    {
      ...BASE,
      name: 'AES-GCM-256',
      encr: EncrId.AES_GCM_16,
      encrKeyBits: 256,
      integ: IntegId.NONE,
      keyOctets: 36,
      ivOctets: 8,
    },
    {
      ...BASE,
      name: 'ChaCha20-Poly1305',
      encr: EncrId.CHACHA20_POLY1305,
      encrKeyBits: 0,
      integ: IntegId.NONE,
      keyOctets: 36,
      ivOctets: 8,
    },
    {
      ...BASE,
      name: 'AES-CBC-128 with HMAC-SHA2-384',
      encr: EncrId.AES_CBC,
      encrKeyBits: 128,
      integ: IntegId.HMAC_SHA2_384_192,
      keyOctets: 16,
      ivOctets: 16,
    },
  ];

const HEADER = {
  SPIi: 0x0102030405060708n,
  SPIr: 0xf1f2f3f4f5f6f7f8n,
  exchange: ExchangeType.INFORMATIONAL,
  initiator: true,
  response: false,
  messageId: 7,
};
const WHOLE = { kind: 'SK', first: 41, fragment: null } as const;
const FRAGMENT = { kind: 'SKF', first: 35, fragment: { number: 1, total: 3 } } as const;

describe.each(SUITES)('$name', (suite) => {
  const keys: SkKeys = {
    encr: new Uint8Array(suite.keyOctets).fill(0x45),
    integ: new Uint8Array(suite.integ === IntegId.NONE ? 0 : 48).fill(0x41),
  };
  const iv = new Uint8Array(suite.ivOctets).fill(0x11);

  async function sealed(part: typeof WHOLE | typeof FRAGMENT, plaintext: Uint8Array): Promise<Uint8Array> {
    const shell = emitProtectedShell(HEADER, part, skBodyLength(suite, plaintext.length));
    return sealSk(p, suite, keys, shell, plaintext, iv);
  }

  it.each([
    ['whole', WHOLE],
    ['a fragment', FRAGMENT],
  ])('opens what it sealed, %s, at every length', async (_, part) => {
    for (const length of [0, 1, 3, 14, 15, 16, 17, 31, 32, 100, 1300]) {
      const plaintext = p.random(length);
      const message = parseIkeMessage(await sealed(part, plaintext));
      expect(message.protected).toMatchObject(part);
      const opened = await openSk(p, suite, keys, message);
      expect(opened && toHex(opened)).toBe(toHex(plaintext));
    }
  });

  it('refuses every message with one bit changed', async () => {
    const octets = await sealed(FRAGMENT, fromHex('0000000c000040010000000a'));
    const { protected: part } = parseIkeMessage(octets);
    for (let bit = 0; bit < 8 * octets.length; bit++) {
      const changed = Uint8Array.from(octets);
      changed[bit >> 3]! ^= 0x80 >> (bit & 7);
      expect(await openSk(p, suite, keys, { octets: changed, protected: part })).toBeNull();
    }
  });

  it('refuses every message cut short', async () => {
    const octets = await sealed(WHOLE, fromHex('0000000c000040010000000a'));
    const { protected: part } = parseIkeMessage(octets);
    for (let length = 0; length < octets.length; length++) {
      expect(await openSk(p, suite, keys, { octets: octets.subarray(0, length), protected: part })).toBeNull();
    }
  });

  it('refuses other keys and a message in clear', async () => {
    const message = parseIkeMessage(await sealed(WHOLE, fromHex('0a0b')));
    const { encr, integ } = keys;
    const others = [{ encr: encr.toReversed().fill(1), integ: integ.map((octet) => octet ^ 1) }];
    for (const other of others) expect(await openSk(p, suite, other, message)).toBeNull();
    expect(await openSk(p, suite, keys, { octets: message.octets, protected: null })).toBeNull();
  });

  it('fills a shell of the right length only, with an IV of the right length', async () => {
    const plaintext = new Uint8Array(20);
    const body = skBodyLength(suite, 20);
    for (const length of [body - 1, body + 1]) {
      const shell = emitProtectedShell(HEADER, WHOLE, length);
      await expect(sealSk(p, suite, keys, shell, plaintext, iv)).rejects.toThrow(RangeError);
    }
    const shell = emitProtectedShell(HEADER, WHOLE, body);
    await expect(sealSk(p, suite, keys, shell, plaintext, iv.subarray(1))).rejects.toThrow(RangeError);
  });
});

describe('padding', () => {
  const suite = SUITES[2]!;
  const keys: SkKeys = { encr: new Uint8Array(16).fill(1), integ: new Uint8Array(48).fill(2) };

  /** What a peer may send: any amount and content of padding, here authentic whatever it says. */
  async function openPadded(padded: Uint8Array): Promise<string | null> {
    const body = concat(
      new Uint8Array(16),
      p.aesCbc(keys.encr).encrypt(new Uint8Array(16), padded),
      new Uint8Array(24),
    );
    const { octets, offset } = emitProtectedShell(HEADER, WHOLE, body.length);
    octets.set(body, offset);
    const covered = octets.subarray(0, -24);
    octets.set(p.hmac('sha384', keys.integ, covered).subarray(0, 24), covered.length);
    const opened = await openSk(p, suite, keys, parseIkeMessage(octets));
    return opened && toHex(opened);
  }

  it('may be longer than needed and of any content', async () => {
    expect(await openPadded(fromHex(`0a0b${'ee'.repeat(29)}1d`))).toBe('0a0b');
    expect(await openPadded(fromHex(`${'ee'.repeat(255)}ff`))).toBe('');
    expect(await openPadded(fromHex(`${'0a'.repeat(15)}00`))).toBe('0a'.repeat(15));
  });

  it('may not be longer than the plaintext', async () => {
    expect(await openPadded(fromHex(`${'0a'.repeat(15)}0f`))).toBe('');
    expect(await openPadded(fromHex(`${'0a'.repeat(15)}10`))).toBeNull();
    expect(await openPadded(fromHex(`${'0a'.repeat(31)}ff`))).toBeNull();
  });
});

describe('RFC 7634 Appendix B', () => {
  const { keymat, ike } = ownVectors<{ keymat: string; ike: Record<string, string> }>('rfc7634.json');
  const keys: SkKeys = { encr: fromHex(keymat), integ: new Uint8Array(0) };
  const suite = SUITES[1]!;

  it('is opened', async () => {
    const opened = await openSk(p, suite, keys, parseIkeMessage(fromHex(ike.message!)));
    expect(opened && toHex(opened)).toBe(ike.plaintext);
  });

  it('is sealed, the IV given as a counter', async () => {
    const plaintext = fromHex(ike.plaintext!);
    const fields = { ...HEADER, SPIi: 0xc0c1c2c3c4c5c6c7n, SPIr: 0xd0d1d2d3d4d5d6d7n, initiator: false, messageId: 9 };
    const shell = emitProtectedShell(fields, WHOLE, skBodyLength(suite, plaintext.length));
    const sealed = await sealSk(p, suite, keys, shell, plaintext, 0x1011121314151617n);
    expect(toHex(sealed)).toBe(ike.message);
  });
});

describeShared('a recorded handshake', HANDSHAKE, () => {
  it('is opened', async () => {
    const v = handshake();
    for (const { from_, hex, plaintext } of v.messages.slice(2)) {
      const names = from_ === 'I' ? ['SK_ei', 'SK_ai'] : ['SK_er', 'SK_ar'];
      const [encr, integ] = names.map((name) => fromHex(v[name] as string)) as [Uint8Array, Uint8Array];
      const opened = await openSk(p, OLD_SUITE, { encr, integ }, parseIkeMessage(fromHex(hex)));
      // The file gives the padding along.
      const padding = fromHex(plaintext!).at(-1)! + 1;
      expect(opened && toHex(opened)).toBe(plaintext!.slice(0, -2 * padding));
    }
  });
});

interface Decoded {
  captures: Record<string, { frame: number; sender: string; plaintext?: string }[]>;
}
type CaptureKeys = IkeSuite & Record<'SK_ei' | 'SK_er' | 'SK_ai' | 'SK_ar', string>;

describe('captures of strongSwan', () => {
  const { captures } = ownVectors<{ captures: Record<string, CaptureKeys> }>('wireshark-ikev2-keys.json');
  for (const [file, v] of Object.entries(captures)) {
    describeShared(file, file, () => {
      it('is opened', async () => {
        const decoded = sharedJson<Decoded>('ikev2-decrypt-expected.json').captures[file]!;
        const datagrams = readCapture(sharedOctets(file));
        expect(datagrams).toHaveLength(decoded.length);
        for (const { frame, sender, plaintext } of decoded) {
          const message = parseIkeMessage(datagrams.find((datagram) => datagram.frame === frame)!.payload);
          const names = sender === 'initiator' ? (['SK_ei', 'SK_ai'] as const) : (['SK_er', 'SK_ar'] as const);
          const keys = { encr: fromHex(v[names[0]]), integ: fromHex(v[names[1]]) };
          const opened = await openSk(p, v, keys, message);
          expect(opened === null ? undefined : toHex(opened)).toBe(plaintext);
        }
      });
    });
  }
});
