// EAP packets, and EAP-MSCHAPv2 inside them.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { fromHex, toHex, utf8 } from '../../../src/bytes/octets.ts';
import { EapCode, EapType, emitEap, parseEap } from '../../../src/wire/eap.ts';
import { emitMschapv2, type Mschapv2Message, parseMschapv2 } from '../../../src/wire/eap-mschapv2.ts';

describe('EAP', () => {
  it.each([
    ['0101000501', { code: EapCode.REQUEST, identifier: 1, type: EapType.IDENTITY, data: new Uint8Array(0) }],
    ['02010008' + '01626f62', { code: EapCode.RESPONSE, identifier: 1, type: EapType.IDENTITY, data: utf8('bob') }],
    ['02ff00060315', { code: EapCode.RESPONSE, identifier: 255, type: EapType.NAK, data: Uint8Array.of(21) }],
    ['03020004', { code: EapCode.SUCCESS, identifier: 2 }],
    ['04030004', { code: EapCode.FAILURE, identifier: 3 }],
  ] as const)('%s', (hex, message) => {
    expect(parseEap(fromHex(hex))).toEqual(message);
    expect(toHex(emitEap(message))).toBe(hex);
  });

  it('ignores padding behind its length', () => {
    expect(parseEap(fromHex('02010008' + '01626f62' + '0000'))).toMatchObject({ data: utf8('bob') });
  });

  it.each(['', '0101', '01010003', '01010004', '0101000601', '05010004', '00010004', '0302000500'])(
    'refuses %j',
    (hex) => {
      expect(() => parseEap(fromHex(hex))).toThrow(Malformed);
    },
  );
});

describe('EAP-MSCHAPv2', () => {
  // The values of RFC 2759 section 9.2.
  const AUTHENTICATOR = '5b5d7c7d7b3f2f3e3c2c602132262628';
  const PEER = '21402324255e262a28295f2b3a337c7e';
  const NT_RESPONSE = '82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df';

  const SAMPLES: readonly (readonly [hex: string, message: Mschapv2Message])[] = [
    [
      `0107001c10${AUTHENTICATOR}${toHex(utf8('culvert'))}`,
      { opCode: 'challenge', identifier: 7, challenge: fromHex(AUTHENTICATOR), name: utf8('culvert') },
    ],
    [
      `0207003a31${PEER}0000000000000000${NT_RESPONSE}00${toHex(utf8('User'))}`,
      {
        opCode: 'response',
        identifier: 7,
        peerChallenge: fromHex(PEER),
        ntResponse: fromHex(NT_RESPONSE),
        name: utf8('User'),
      },
    ],
    ['03070008533d3431', { opCode: 'success', identifier: 7, message: utf8('S=41') }],
    ['04070009453d363931', { opCode: 'failure', identifier: 7, message: utf8('E=691') }],
    ['03', { opCode: 'success', identifier: null, message: new Uint8Array(0) }],
    ['04', { opCode: 'failure', identifier: null, message: new Uint8Array(0) }],
  ];

  it.each(SAMPLES)('%s', (hex, message) => {
    expect(parseMschapv2(fromHex(hex))).toEqual(message);
    expect(toHex(emitMschapv2(message))).toBe(hex);
  });

  it('ignores what follows MS-Length', () => {
    expect(parseMschapv2(fromHex('03070008533d34310000'))).toMatchObject({ message: utf8('S=41') });
  });

  it.each([
    ['nothing', ''],
    ['Change-Password', '07070004'],
    ['OpCode 0', '00070004'],
    ['a Challenge cut off', `0107001c10${AUTHENTICATOR}`],
    ['a Challenge of 15 octets', `010700140f${AUTHENTICATOR.slice(2)}`],
    ['a Response of another size', `0207003530${PEER}0000000000000000${NT_RESPONSE}`],
    ['a Response that ends in its value', `0207003531${PEER}0000000000000000${NT_RESPONSE}`],
    ['an MS-Length below the header', '03070003'],
    ['a message without MS-Length', '0107'],
  ])('refuses %s', (_, hex) => {
    expect(() => parseMschapv2(fromHex(hex))).toThrow(Malformed);
  });
});
