// IPv4 fragmentation.

import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../../../src/bytes/octets.ts';
import { fragmentIpv4 } from '../../../src/wire/fragment.ts';
import { parseIp } from '../../../src/wire/ip.ts';
import { ipv4, referenceChecksum } from './packets.ts';

const DATA = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) & 255);

function cut(packet: Uint8Array, mtu: number) {
  const pieces = fragmentIpv4(parseIp(packet)!, mtu);
  const views = pieces.map((piece) => parseIp(piece)!);
  for (const [i, piece] of pieces.entries()) {
    expect(piece.length).toBeLessThanOrEqual(mtu);
    expect(views[i]!.totalLength).toBe(piece.length);
    expect(referenceChecksum(piece.subarray(0, views[i]!.headerLength))).toBe(0);
  }
  return { pieces, views };
}

describe('fragmentIpv4', () => {
  it('leaves what fits', () => {
    const packet = ipv4(DATA.subarray(0, 1260));
    expect(fragmentIpv4(parseIp(packet)!, 1280).map(toHex)).toEqual([toHex(packet)]);
  });

  it.each([1280, 1279, 576, 68])('cuts to %d octets, and the pieces make the whole', (mtu) => {
    const { pieces, views } = cut(ipv4(DATA), mtu);
    expect(views.map((v) => v.moreFragments)).toEqual([...Array(views.length - 1).fill(true), false]);
    let offset = 0;
    for (const view of views) {
      expect(view.fragmentOffset).toBe(offset);
      offset += view.totalLength - view.payloadOffset;
      expect(toHex(view.octets.subarray(4, 6))).toBe('1234');
    }
    expect(toHex(concat(...pieces.map((piece) => piece.subarray(20))))).toBe(toHex(DATA));
  });

  it('cuts a fragment again, and the last piece is not the last of the packet', () => {
    const { views } = cut(ipv4(DATA.subarray(0, 1480), { fragment: 0x2000 | 185 }), 1280);
    expect(views.map((v) => [v.fragmentOffset, v.moreFragments])).toEqual([
      [1480, true],
      [1480 + 1256, true],
    ]);
  });

  it('takes to later pieces only the options that are to be copied', () => {
    const recordRoute = [7, 7, 4, 1, 2, 3, 4];
    const routerAlert = [148, 4, 0, 0];
    const { pieces, views } = cut(ipv4(DATA, { options: [...recordRoute, 1, ...routerAlert, 0, 0, 0, 0] }), 1280);
    expect(views.map((v) => v.headerLength)).toEqual([36, 24, 24]);
    expect(toHex(pieces[0]!.subarray(20, 36))).toBe('070704010203040194040000' + '00000000');
    expect(toHex(pieces[1]!.subarray(20, 24))).toBe('94040000');
    expect(toHex(concat(...views.map((v) => v.octets.subarray(v.payloadOffset))))).toBe(toHex(DATA));
  });

  it('survives options that are not well formed', () => {
    for (const options of [
      [0x94, 0, 0, 0],
      [0x94, 255, 0, 0],
      [1, 1, 1, 0x94],
    ]) {
      const { views } = cut(ipv4(DATA, { options }), 1280);
      expect(toHex(concat(...views.map((v) => v.octets.subarray(v.payloadOffset))))).toBe(toHex(DATA));
    }
  });
});
