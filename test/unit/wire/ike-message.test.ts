// IKE header and message, with and without an encrypted part.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { fromHex, toHex } from '../../../src/bytes/octets.ts';
import { emitIkeHeader, parseIkeHeader } from '../../../src/wire/ike-header.ts';
import { emitIkeMessage, emitProtectedShell, parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { ExchangeType, PayloadType } from '../../../src/wire/ike-numbers.ts';

const FIELDS = {
  SPIi: 0x0123456789abcdefn,
  SPIr: 0xfedcba9876543210n,
  exchange: ExchangeType.IKE_AUTH,
  initiator: true,
  response: false,
  messageId: 0x80000001,
};
const SPIS = '0123456789abcdeffedcba9876543210';

describe('IKE header', () => {
  it('reads and writes each field', () => {
    const hex = `${SPIS}2e20230880000001000000ff`;
    const header = parseIkeHeader(fromHex(hex));
    expect(header).toEqual({ ...FIELDS, nextPayload: 46, majorVersion: 2, minorVersion: 0, length: 255 });
    expect(toHex(emitIkeHeader(header))).toBe(hex);
  });

  it('tells the flags apart and ignores the others', () => {
    const flags = (octet: string) => parseIkeHeader(fromHex(`${SPIS}002022${octet}000000000000001c`));
    expect(flags('20')).toMatchObject({ initiator: false, response: true });
    expect(flags('28')).toMatchObject({ initiator: true, response: true });
    expect(flags('d7')).toMatchObject({ initiator: false, response: false });
  });

  it('reads versions that it does not speak', () => {
    expect(parseIkeHeader(fromHex(`${SPIS}00312208000000000000001c`))).toMatchObject({
      majorVersion: 3,
      minorVersion: 1,
    });
  });

  it.each([27, 0])('refuses a length of %d', (length) => {
    expect(() =>
      parseIkeHeader(fromHex(`${SPIS}0020220800000000000000${length.toString(16).padStart(2, '0')}`)),
    ).toThrow(Malformed);
  });
});

describe('IKE message', () => {
  it('in clear', () => {
    const payloads = [{ type: 'V', data: fromHex('abcd') } as const];
    const octets = emitIkeMessage(FIELDS, payloads);
    expect(toHex(octets)).toBe(`${SPIS}2b20230880000001000000220000${'0006'}abcd`);
    const message = parseIkeMessage(octets);
    expect(message.payloads).toEqual(payloads);
    expect(message.protected).toBeNull();
    expect(message.octets).toBe(octets);
  });

  it('with an encrypted payload: the shell stands, the body is zeros', () => {
    const shell = emitProtectedShell(FIELDS, { kind: 'SK', first: PayloadType.IDi, fragment: null }, 20);
    expect(toHex(shell.octets)).toBe(`${SPIS}2e20230880000001000000342300${'0018'}${'00'.repeat(20)}`);
    expect(shell.offset).toBe(32);
    expect(parseIkeMessage(shell.octets)).toMatchObject({
      payloads: [],
      protected: { kind: 'SK', first: PayloadType.IDi, fragment: null, offset: 32 },
    });
  });

  // Requirements: rfc7383-2.5-first-payload rfc7383-2.5-numbers
  it('with an encrypted fragment', () => {
    const fragment = { number: 2, total: 513 };
    const shell = emitProtectedShell(FIELDS, { kind: 'SKF', first: 0, fragment }, 20);
    expect(toHex(shell.octets)).toBe(`${SPIS}3520230880000001000000380000${'001c'}00020201${'00'.repeat(20)}`);
    expect(shell.offset).toBe(36);
    expect(parseIkeMessage(shell.octets).protected).toEqual({ kind: 'SKF', first: 0, fragment, offset: 36 });
  });

  // Requirements: rfc7383-2.5.3-unprotected
  it('with payloads in clear before the encrypted one', () => {
    const octets = fromHex(`${SPIS}29202308800000010000002c2e0000080000400429000008aabbccdd`);
    const message = parseIkeMessage(octets);
    expect(message.payloads).toHaveLength(1);
    expect(message.protected).toEqual({ kind: 'SK', first: PayloadType.N, fragment: null, offset: 40 });
  });

  // Requirements: rfc7383-2.5-last
  it('has no message behind the encrypted payload', () => {
    const octets = fromHex(`${SPIS}2e2023088000000100000026${'29000008aabbccdd'}${'0000'}`);
    expect(() => parseIkeMessage(octets)).toThrow('2 octets follow the encrypted payload');
  });

  it.each([
    ['a length that is not the datagram’s', `${SPIS}0020230880000001000000ff`],
    ['octets behind its length', `${SPIS}00202308800000010000001c00`],
    ['major version 1', `${SPIS}00102308800000010000001c`],
    ['major version 3', `${SPIS}00302308800000010000001c`],
    ['a fragment without its numbers', `${SPIS}35202308800000010000002200000006${'0001'}`],
    ['nothing where a payload is named', `${SPIS}21202308800000010000001c`],
  ])('refuses %s', (_, hex) => {
    expect(() => parseIkeMessage(fromHex(hex))).toThrow(Malformed);
  });
});
