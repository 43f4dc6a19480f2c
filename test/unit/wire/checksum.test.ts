// The Internet checksum against the examples of its RFCs.

import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/bytes/octets.ts';
import { checksum, pseudoHeaderSum, sum, updateChecksum } from '../../../src/wire/checksum.ts';
import { ipv6, pseudoHeader, referenceChecksum } from './packets.ts';

describe('checksum', () => {
  it('of the example of RFC 1071 section 3', () => {
    const octets = fromHex('0001f203f4f5f6f7');
    expect(sum(octets, 0, 8)).toBe(0x2ddf0);
    expect(checksum(octets, 0, 8)).toBe(~0xddf2 & 0xffff);
  });

  it('of an odd number of octets', () => {
    expect(checksum(fromHex('010203'), 0, 3)).toBe(~0x0402 & 0xffff);
    expect(checksum(fromHex('ff010203ff'), 1, 4)).toBe(~0x0402 & 0xffff);
  });

  it('of nothing', () => {
    expect(checksum(new Uint8Array(0), 0, 0)).toBe(0xffff);
  });

  it('of the longest packet', () => {
    expect(checksum(new Uint8Array(65_535).fill(0xff), 0, 65_535)).toBe(
      referenceChecksum(new Uint8Array(65_535).fill(0xff)),
    );
  });

  it('counts a pseudo-header', () => {
    const packet = ipv6(17, fromHex('138801f4000c0000aabbccdd'));
    const pseudo = pseudoHeaderSum(packet.subarray(8, 24), packet.subarray(24, 40), 17, 12);
    const expected = referenceChecksum(pseudoHeader(packet, 17, 12), packet.subarray(40));
    expect(checksum(packet, 40, 52, pseudo)).toBe(expected);
  });
});

describe('updateChecksum', () => {
  it('of the example of RFC 1624 section 4, where RFC 1141 goes wrong', () => {
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  it('of nothing changed', () => {
    expect(updateChecksum(0x1234, 0xabcd, 0xabcd)).toBe(0x1234);
  });
});
