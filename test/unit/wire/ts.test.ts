// Traffic Selector payloads.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { fromHex, toHex } from '../../../src/bytes/octets.ts';
import { emitTS, parseTSi, parseTSr } from '../../../src/wire/ts.ts';

const ALL_IPV4 = '070000100000ffff00000000ffffffff';
const UDP_IPV6 = `0811002801f401f4${'20010db8'}${'00'.repeat(12)}${'20010db8'}${'ff'.repeat(12)}`;

describe('TS payloads', () => {
  it('read and write both families', () => {
    const octets = fromHex(`02000000${ALL_IPV4}${UDP_IPV6}`);
    const payload = parseTSi(octets);
    expect(payload.type).toBe('TSi');
    expect(payload.selectors).toEqual([
      {
        protocol: 0,
        startPort: 0,
        endPort: 65535,
        startAddress: Uint8Array.of(0, 0, 0, 0),
        endAddress: Uint8Array.of(255, 255, 255, 255),
      },
      {
        protocol: 17,
        startPort: 500,
        endPort: 500,
        startAddress: fromHex(`20010db8${'00'.repeat(12)}`),
        endAddress: fromHex(`20010db8${'ff'.repeat(12)}`),
      },
    ]);
    expect(toHex(emitTS(payload))).toBe(toHex(octets));
    expect(parseTSr(octets)).toEqual({ ...payload, type: 'TSr' });
  });

  it('leave out selectors of types that they do not know (RFC 7296 section 2.9)', () => {
    const fibreChannel = '0900001800000001000000020000000300000004ffffffff';
    const { selectors } = parseTSi(fromHex(`03000000${fibreChannel}${ALL_IPV4}0a000004`));
    expect(selectors).toHaveLength(1);
    expect(parseTSi(fromHex('010000000a000004')).selectors).toEqual([]);
  });

  it('keep OPAQUE ports, which run backwards', () => {
    const { selectors } = parseTSi(fromHex('0100000007060010ffff00000a0000010a000001'));
    expect(selectors[0]).toMatchObject({ protocol: 6, startPort: 65535, endPort: 0 });
  });

  it.each([
    ['fewer selectors than counted', `02000000${ALL_IPV4}`],
    ['more octets than counted', `01000000${ALL_IPV4}${ALL_IPV4}`],
    ['an IPv4 selector of another length', '010000000700000c0000ffff00000000'],
    ['an IPv6 selector of an IPv4 length', `01000000${ALL_IPV4.replace('07', '08')}`],
    ['a selector shorter than its header', '0100000007000003'],
    ['a header cut off', '0100'],
  ])('refuse %s', (_, hex) => {
    expect(() => parseTSi(fromHex(hex))).toThrow(Malformed);
  });

  it('hold 255 selectors and no more', () => {
    const [selector] = parseTSi(fromHex(`01000000${ALL_IPV4}`)).selectors;
    expect(parseTSi(emitTS({ selectors: Array(255).fill(selector) })).selectors).toHaveLength(255);
    expect(() => emitTS({ selectors: Array(256).fill(selector) })).toThrow(RangeError);
  });
});
