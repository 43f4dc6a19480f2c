import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/bytes/octets.ts';
import { routeOf } from '../../../src/route/flow.ts';
import { emitIkeHeader, type IkeHeader } from '../../../src/wire/ike-header.ts';
import { ExchangeType } from '../../../src/wire/ike-numbers.ts';
import { MAX_ROUTE, makeEspSpi, makeIkeSpi, routeOfEspSpi, routeOfIkeSpi } from '../../../src/wire/spi.ts';

const OURS = makeIkeSpi(0xabcdef, Uint8Array.of(1, 2, 3, 4, 5));
const THEIRS = 0x1122334455667788n;
const MARKER = new Uint8Array(4);

function ike(header: Partial<IkeHeader> = {}, octets = 28): Uint8Array {
  const message = new Uint8Array(octets);
  const whole: IkeHeader = {
    SPIi: THEIRS,
    SPIr: OURS,
    nextPayload: 46,
    majorVersion: 2,
    minorVersion: 0,
    exchange: ExchangeType.INFORMATIONAL,
    initiator: true,
    response: false,
    messageId: 3,
    length: octets,
    ...header,
  };
  message.set(emitIkeHeader(whole));
  return message;
}

const initial = (header: Partial<IkeHeader> = {}) =>
  ike({ SPIr: 0n, exchange: ExchangeType.IKE_SA_INIT, messageId: 0, ...header }, 64);

describe('SPIs that carry a route', () => {
  it('give it back', () => {
    expect(OURS).toBe(0xabcdef_0102030405n);
    expect(routeOfIkeSpi(OURS)).toBe(0xabcdef);
    expect(makeEspSpi(0xabcdef, 0x12)).toBe(0xabcdef12);
    expect(routeOfEspSpi(0xabcdef12)).toBe(0xabcdef);
    expect(routeOfIkeSpi(makeIkeSpi(MAX_ROUTE, new Uint8Array(5)))).toBe(MAX_ROUTE);
    expect(routeOfEspSpi(makeEspSpi(MAX_ROUTE, 255))).toBe(MAX_ROUTE);
  });

  // Requirements: rfc3948-1-spi-zero rfc3948-2.1-spi
  it('are never among the 256 that are reserved', () => {
    expect(makeEspSpi(1, 0)).toBe(256);
  });
});

describe('ESP', () => {
  it('goes where its SPI says', () => {
    const octets = Uint8Array.of(0xfe, 0xdc, 0xba, 0x98, 0, 0, 0, 1, 9, 9);
    expect(routeOf(4500, octets)).toEqual({ kind: 'esp', route: 0xfedcba, spi: 0xfedcba98 });
  });

  it('has no business on port 500, nor with a reserved SPI', () => {
    expect(routeOf(500, Uint8Array.of(0xfe, 0xdc, 0xba, 0x98, 0, 0, 0, 1))).toEqual({ kind: 'noise' });
    expect(routeOf(4500, Uint8Array.of(0, 0, 0, 0xff, 0, 0, 0, 1))).toEqual({ kind: 'noise' });
  });
});

describe('keepalives', () => {
  it('are told from all else', () => {
    expect(routeOf(4500, Uint8Array.of(0xff))).toEqual({ kind: 'keepalive' });
    expect(routeOf(4500, Uint8Array.of(0xfe))).toEqual({ kind: 'noise' });
  });
});

describe('IKE', () => {
  it('from the original initiator names ours as SPIr', () => {
    const flow = { kind: 'ike', route: 0xabcdef, SPIi: THEIRS, SPIr: OURS, initiator: true };
    expect(routeOf(500, ike())).toEqual(flow);
    expect(routeOf(4500, concat(MARKER, ike()))).toEqual(flow);
    expect(routeOf(4500, concat(MARKER, MARKER, ike()))).toEqual(flow);
  });

  it('from the original responder names ours as SPIi', () => {
    const flow = { kind: 'ike', route: 0xabcdef, SPIi: OURS, SPIr: THEIRS, initiator: false };
    expect(routeOf(500, ike({ SPIi: OURS, SPIr: THEIRS, initiator: false }))).toEqual(flow);
    expect(routeOf(500, ike({ SPIi: OURS, SPIr: THEIRS, initiator: false, response: true }))).toEqual(flow);
  });

  it('leads nowhere with route 0, or without an SPI of the initiator', () => {
    expect(routeOf(500, ike({ SPIr: 5n }))).toEqual({ kind: 'noise' });
    expect(routeOf(500, ike({ SPIi: 0n }))).toEqual({ kind: 'noise' });
  });

  it('is as long as it says', () => {
    expect(routeOf(500, ike({ length: 29 }))).toEqual({ kind: 'noise' });
    expect(routeOf(500, concat(ike(), Uint8Array.of(0)))).toEqual({ kind: 'noise' });
    expect(routeOf(500, ike({ length: 12 }))).toEqual({ kind: 'noise' });
    expect(routeOf(500, ike().subarray(0, 27))).toEqual({ kind: 'noise' });
  });
});

describe('a first message', () => {
  it('names the initiator only', () => {
    expect(routeOf(500, initial())).toEqual({ kind: 'initial', SPIi: THEIRS });
    expect(routeOf(4500, concat(MARKER, initial()))).toEqual({ kind: 'initial', SPIi: THEIRS });
  });

  it('of a higher version is owed an answer, of IKEv1 none', () => {
    expect(routeOf(500, initial({ majorVersion: 3 }))).toEqual({ kind: 'initial', SPIi: THEIRS });
    expect(routeOf(500, initial({ majorVersion: 1 }))).toEqual({ kind: 'noise' });
  });

  it('is a request of IKE_SA_INIT with message ID 0', () => {
    expect(routeOf(500, initial({ exchange: ExchangeType.IKE_AUTH }))).toEqual({ kind: 'noise' });
    expect(routeOf(500, initial({ response: true }))).toEqual({ kind: 'noise' });
    expect(routeOf(500, initial({ initiator: false }))).toEqual({ kind: 'noise' });
    expect(routeOf(500, initial({ messageId: 1 }))).toEqual({ kind: 'noise' });
  });
});
