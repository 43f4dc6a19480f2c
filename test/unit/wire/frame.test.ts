// Frames between relay and edge.

import { describe, expect, it } from 'vitest';
import { Malformed } from '../../../src/bytes/malformed.ts';
import { fromHex, toHex, zeros } from '../../../src/bytes/octets.ts';
import {
  FRAME_DATAGRAM_OCTETS,
  FRAME_DATAGRAMS,
  FRAME_OCTETS,
  FRAME_RECORDS,
  FrameWriter,
  parseFrame,
} from '../../../src/wire/frame.ts';
import type { Path } from '../../../src/wire/path.ts';
import { parseAddress } from '../../../src/wire/prefix.ts';

const path = (local: string, remote: string, remotePort = 61234): Path => ({
  localAddress: parseAddress(local)!,
  localPort: 4500,
  remoteAddress: parseAddress(remote)!,
  remotePort,
});
const PATH_4 = path('192.0.2.1', '198.51.100.7');
const PATH_6 = path('2001:db8::1', '2001:db8:f::7');
const HEX_4 = 'c00002011194c6336407ef32';
const HEX_6 = '20010db80000000000000000000000011194' + '20010db8000f00000000000000000007ef32';

describe('a frame', () => {
  it('is written as the protocol says', () => {
    const w = new FrameWriter();
    expect(w.empty).toBe(true);
    w.datagram(PATH_4, fromHex('aabbcc'));
    w.datagram({ ...PATH_4 }, fromHex('dd'));
    w.datagram(PATH_6, zeros(0));
    w.credit(0xfffffffe);
    w.keepalive(PATH_4, 20);
    w.silent(PATH_6, 70_000);
    w.release();
    expect(w.empty).toBe(false);
    const hex = [
      '01',
      `0100${HEX_4}0003aabbcc`,
      '01010001dd',
      `0102${HEX_6}0000`,
      '02fffffffe',
      `0300${HEX_4}0014`,
      `0402${HEX_6}00011170`,
      '05',
    ].join('');
    expect(w.length).toBe(hex.length / 2);
    const frame = w.finish();
    expect(toHex(frame)).toBe(hex);
    expect(parseFrame(frame)).toEqual([
      { kind: 'datagram', path: PATH_4, octets: fromHex('aabbcc') },
      { kind: 'datagram', path: PATH_4, octets: fromHex('dd') },
      { kind: 'datagram', path: PATH_6, octets: zeros(0) },
      { kind: 'credit', octets: 0xfffffffe },
      { kind: 'keepalive', path: PATH_4, seconds: 20 },
      { kind: 'silent', path: PATH_6, seconds: 70_000 },
      { kind: 'release' },
    ]);
  });

  it('begins anew after finish(), and what was finished stays as it was', () => {
    const w = new FrameWriter();
    w.datagram(PATH_4, fromHex('aa'));
    const first = w.finish();
    expect(w.empty).toBe(true);
    w.datagram(PATH_4, fromHex('bb'));
    const second = w.finish();
    expect(toHex(first)).toBe(`010100${HEX_4}0001aa`);
    expect(toHex(second)).toBe(`010100${HEX_4}0001bb`);
    expect(first.buffer.byteLength).toBe(first.length);
    expect(toHex(w.finish())).toBe('01');
  });

  it('repeats the path of the last datagram only where nothing differs', () => {
    const w = new FrameWriter();
    for (const remotePort of [1, 1, 2, 2, 1]) w.datagram({ ...PATH_4, remotePort }, zeros(1));
    w.keepalive(PATH_6, 1);
    w.datagram({ ...PATH_4, remotePort: 1 }, zeros(1));
    const records = parseFrame(w.finish());
    expect(records.flatMap((r) => (r.kind === 'datagram' ? [r.path.remotePort] : []))).toEqual([1, 1, 2, 2, 1, 1]);
    expect(w.length).toBe(1);
  });

  it('shares a path between datagrams, and does not hold the frame by it', () => {
    const w = new FrameWriter();
    w.datagram(PATH_4, zeros(9));
    w.datagram(PATH_4, zeros(9));
    const frame = w.finish();
    const [one, two] = parseFrame(frame);
    if (one?.kind !== 'datagram' || two?.kind !== 'datagram') throw new Error('two datagrams went in');
    expect(two.path).toBe(one.path);
    expect(one.octets.buffer).toBe(frame.buffer);
    expect(one.path.remoteAddress.buffer.byteLength).toBe(4);
  });

  it('is full at 64 datagrams', () => {
    const w = new FrameWriter();
    for (let i = 0; i < FRAME_DATAGRAMS; i++) expect(w.datagram(PATH_4, zeros(20))).toBe(true);
    expect(w.datagram(PATH_4, zeros(20))).toBe(false);
    expect(w.credit(1)).toBe(true);
    expect(parseFrame(w.finish())).toHaveLength(FRAME_DATAGRAMS + 1);
    expect(w.datagram(PATH_4, zeros(20))).toBe(true);
  });

  it('is full at 64 KiB, and says so before it writes', () => {
    const w = new FrameWriter();
    let sent = 0;
    while (w.datagram(PATH_4, new Uint8Array(1400).fill(sent))) sent++;
    expect(sent).toBe(46);
    const frame = w.finish();
    expect(frame.length).toBe(1 + 12 + sent * 1404);
    expect(parseFrame(frame).map((r) => r.kind === 'datagram' && r.octets[1399])).toEqual([...Array(46).keys()]);
  });

  it('takes one datagram that fills it, and none longer', () => {
    const w = new FrameWriter();
    expect(w.datagram(PATH_6, zeros(FRAME_DATAGRAM_OCTETS + 1))).toBe(false);
    expect(w.empty).toBe(true);
    expect(w.datagram(PATH_6, zeros(FRAME_DATAGRAM_OCTETS))).toBe(true);
    expect(w.release()).toBe(false);
    const frame = w.finish();
    expect(frame).toHaveLength(FRAME_OCTETS);
    expect(parseFrame(frame)).toHaveLength(1);
  });

  it('is full at 256 records', () => {
    const w = new FrameWriter();
    let written = 0;
    while (w.credit(1)) written++;
    expect(written).toBe(FRAME_RECORDS);
    expect(w.datagram(PATH_4, zeros(1))).toBe(false);
    expect(parseFrame(w.finish())).toHaveLength(FRAME_RECORDS);
  });

  it('has no path of two families', () => {
    const mixed = { ...PATH_4, remoteAddress: PATH_6.remoteAddress };
    expect(() => new FrameWriter().datagram(mixed, zeros(1))).toThrow(RangeError);
    expect(() => new FrameWriter().keepalive(mixed, 1)).toThrow(RangeError);
  });

  it.each([
    ['nothing', ''],
    ['another version', '02'],
    ['an unknown record', '0106'],
    ['record kind 0', '0100'],
    ['a path taken from nowhere', '0101010001aa'],
    ['unknown flags', `010104${HEX_4}0001aa`],
    ['a path both given and taken', `010100${HEX_4}0001aa0103${HEX_6}0001aa`],
    ['a keepalive on "the same" path', `010100${HEX_4}0001aa03010014`],
    ['a path cut off', `010100${HEX_4.slice(2)}`],
    ['a datagram cut off', `010100${HEX_4}0002aa`],
    ['a credit cut off', '0102000000'],
    ['a keepalive cut off', `010300${HEX_4}00`],
    ['a silence cut off', `010402${HEX_6}000000`],
    ['65 datagrams', `010100${HEX_4}0000${'01010000'.repeat(64)}`],
    ['257 records', `01${'05'.repeat(257)}`],
    ['more than 64 KiB', `01${'05'.repeat(65_536)}`],
  ])('refuses %s', (_, hex) => {
    expect(() => parseFrame(fromHex(hex))).toThrow(Malformed);
  });
});
