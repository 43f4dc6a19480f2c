// What a datagram on ports 500 and 4500 is.

import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, zeros } from '../../../src/bytes/octets.ts';
import { addMarker, classify, stripMarker } from '../../../src/wire/encap.ts';
import { emitIkeHeader } from '../../../src/wire/ike-header.ts';

const IKE = emitIkeHeader({
  SPIi: 0x0123456789abcdefn,
  SPIr: 0n,
  nextPayload: 0,
  majorVersion: 2,
  minorVersion: 0,
  exchange: 34,
  initiator: true,
  response: false,
  messageId: 0,
  length: 28,
});

describe('classify', () => {
  it.each([
    ['keepalive', ''],
    ['keepalive', 'ff'],
    ['noise', '00'],
    ['noise', 'ffff'],
    ['noise', '00000000'],
    ['noise', `00000000${'11'.repeat(27)}`],
    ['ike', `00000000${'11'.repeat(28)}`],
    ['esp', '0000010000000001'],
    ['esp', 'ffffffff00000001'],
    ['noise', '000000ff00000001'],
    ['noise', '0000000100000001'],
    ['noise', '00000100000000'],
  ] as const)('says %s on port 4500 of %j', (kind, hex) => {
    expect(classify(4500, fromHex(hex))).toBe(kind);
  });

  // Requirements: rfc7296-2.23-not-on-500
  it('knows nothing but IKE on port 500', () => {
    expect(classify(500, IKE)).toBe('ike');
    expect(classify(500, IKE.subarray(1))).toBe('noise');
    expect(classify(500, fromHex('ff'))).toBe('noise');
    expect(classify(500, zeros(0))).toBe('noise');
  });

  it('takes any other port for a NAT-T port', () => {
    expect(classify(14500, addMarker(IKE))).toBe('ike');
    expect(classify(14500, fromHex('ff'))).toBe('keepalive');
  });
});

describe('the non-ESP marker', () => {
  it('is put on and taken off', () => {
    const marked = addMarker(IKE);
    expect(toHex(marked)).toBe(`00000000${toHex(IKE)}`);
    expect(toHex(stripMarker(marked))).toBe(toHex(IKE));
    expect(stripMarker(marked).buffer).toBe(marked.buffer);
  });

  it('may be doubled (quirk 15)', () => {
    expect(toHex(stripMarker(addMarker(addMarker(IKE))))).toBe(toHex(IKE));
  });

  it('is not mistaken for an SPI that begins with four zeros', () => {
    const message = concat(zeros(4), IKE.subarray(4));
    expect(toHex(stripMarker(addMarker(message)))).toBe(toHex(message));
    expect(toHex(stripMarker(addMarker(addMarker(message))))).toBe(toHex(message));
  });

  it('need not be there, and may be all that is there', () => {
    expect(stripMarker(IKE)).toBe(IKE);
    expect(stripMarker(zeros(3))).toHaveLength(3);
    expect(stripMarker(zeros(4))).toHaveLength(0);
    expect(stripMarker(zeros(8))).toHaveLength(4);
  });
});
