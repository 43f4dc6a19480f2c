import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import {
  COOKIE_OCTETS,
  type CookieSecret,
  checkCookie,
  emitChallenge,
  makeCookie,
  readInitialRequest,
} from '../../../src/ike/cookie.ts';
import { parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { initialRequest } from '../relay/harness.ts';

const hmac: Primitives['hmac'] = (name, key, ...parts) =>
  new Uint8Array(createHmac(name, key).update(Buffer.concat(parts)).digest());

const SPIi = 0x0102030405060708n;
const secret = (version: number, notAfter = 1000): CookieSecret => ({
  version,
  secret: new Uint8Array(32).fill(version),
  notAfter,
});
const at = { address: Uint8Array.of(192, 0, 2, 1), port: 500 };

function withCookie(cookie: Uint8Array, spi = SPIi) {
  return readInitialRequest(initialRequest(spi, cookie))!;
}

describe('readInitialRequest', () => {
  it('finds SPIi, Ni and the cookie', () => {
    expect(readInitialRequest(initialRequest(SPIi))).toEqual({ SPIi, Ni: new Uint8Array(32).fill(2), cookie: null });
    expect(withCookie(Uint8Array.of(1, 2, 3)).cookie).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('takes nothing but a first request', () => {
    const good = initialRequest(SPIi);
    const changed = (at: number, value: number) => good.with(at, value);
    expect(readInitialRequest(good)).not.toBeNull();
    for (const [what, octets] of [
      ['a response', changed(19, 0x20)],
      ['SPIr set', changed(15, 1)],
      ['another exchange', changed(18, 35)],
      ['a message ID', changed(23, 1)],
      ['IKEv1', changed(17, 0x10)],
      ['another length', good.subarray(0, good.length - 1)],
      ['no nonce', changed(28 + 8 + 32 + 4 - 8 - 32 - 4, 43)],
    ] as const) {
      expect(readInitialRequest(octets), what).toBeNull();
    }
  });
});

describe('cookies', () => {
  const request = readInitialRequest(initialRequest(SPIi))!;

  it('have 17 octets and begin with the version of the secret', () => {
    const cookie = makeCookie(hmac, secret(7), request, at);
    expect(cookie.length).toBe(COOKIE_OCTETS);
    expect(cookie[0]).toBe(7);
  });

  it('are good where they were made for, and nowhere else', () => {
    const cookie = makeCookie(hmac, secret(1), request, at);
    const good = (one: Parameters<typeof checkCookie>[2], source = at) =>
      checkCookie(hmac, [secret(1)], one, source, 0);
    expect(good(withCookie(cookie))).toBe(true);
    expect(good(withCookie(cookie), { ...at, port: 501 })).toBe(false);
    expect(good(withCookie(cookie), { ...at, address: Uint8Array.of(192, 0, 2, 2) })).toBe(false);
    expect(good(withCookie(cookie, SPIi + 1n))).toBe(false);
    expect(good({ ...withCookie(cookie), Ni: new Uint8Array(32) })).toBe(false);
    expect(good(request)).toBe(false);
    for (let bit = 0; bit < COOKIE_OCTETS * 8; bit++) {
      expect(good(withCookie(cookie.with(bit >> 3, cookie[bit >> 3]! ^ (1 << (bit & 7)))))).toBe(false);
    }
    expect(good(withCookie(cookie.subarray(0, 16)))).toBe(false);
  });

  it('survive the rotation of the secret, and end with it', () => {
    const before = [secret(1), secret(2)];
    const after = [secret(2), secret(1), secret(3)];
    const made = withCookie(makeCookie(hmac, before[0]!, request, at));
    expect(checkCookie(hmac, after, made, at, 1000)).toBe(true);
    expect(checkCookie(hmac, after, made, at, 1001)).toBe(false);
    expect(checkCookie(hmac, [secret(3)], made, at, 0)).toBe(false);
    expect(checkCookie(hmac, [], made, at, 0)).toBe(false);
  });

  it('an IPv4 address and a long nonce do not pass for an IPv6 address and a short one', () => {
    const Ni = new Uint8Array(32).fill(9);
    const four = makeCookie(hmac, secret(1), { ...request, Ni }, at);
    const six = { address: Uint8Array.of(...at.address, ...Ni.subarray(0, 12)), port: at.port };
    const shorter = { ...request, Ni: Ni.subarray(12), cookie: four };
    expect(checkCookie(hmac, [secret(1)], shorter, six, 0)).toBe(false);
  });

  it('are sent as HDR(A,0), N(COOKIE)', () => {
    const cookie = makeCookie(hmac, secret(1), request, at);
    const { header, payloads } = parseIkeMessage(emitChallenge(SPIi, cookie));
    expect(header).toMatchObject({ SPIi, SPIr: 0n, exchange: 34, initiator: false, response: true, messageId: 0 });
    expect(payloads).toEqual([{ type: 'N', notify: 16390, protocol: 0, spi: new Uint8Array(0), data: cookie }]);
  });
});
