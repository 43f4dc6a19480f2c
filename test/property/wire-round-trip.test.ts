// What is written is read as it was, for any value.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, text, toHex, utf8 } from '../../src/bytes/octets.ts';
import { checksum, updateChecksum } from '../../src/wire/checksum.ts';
import { type EapMessage, emitEap, parseEap } from '../../src/wire/eap.ts';
import { emitMschapv2, type Mschapv2Message, parseMschapv2 } from '../../src/wire/eap-mschapv2.ts';
import { espPlaintextLength, parseEspTrailer, writeEspTrailer } from '../../src/wire/esp.ts';
import { fragmentIpv4 } from '../../src/wire/fragment.ts';
import { type FrameRecord, FrameWriter, parseFrame } from '../../src/wire/frame.ts';
import { emitIkeHeader, parseIkeHeader } from '../../src/wire/ike-header.ts';
import { emitIkeMessage, emitProtectedShell, parseIkeMessage } from '../../src/wire/ike-message.ts';
import { PayloadType } from '../../src/wire/ike-numbers.ts';
import { parseIp } from '../../src/wire/ip.ts';
import type { Path } from '../../src/wire/path.ts';
import type { Payload } from '../../src/wire/payload.ts';
import { emitPayloads, parsePayloads } from '../../src/wire/payloads.ts';
import {
  contains,
  formatAddress,
  formatPrefix,
  maskPrefix,
  overlaps,
  parseAddress,
  parsePrefix,
  prefixRange,
} from '../../src/wire/prefix.ts';
import { ipv4, referenceChecksum } from '../unit/wire/packets.ts';

const octets = (maxLength = 64, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const exactly = (n: number) => octets(n, n);
const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const address = fc.oneof(exactly(4), exactly(16));

const transform = fc.oneof(fc.record({ type: u8, id: u16 }), fc.record({ type: u8, id: u16, keyBits: u16 }));
const proposal = fc.record({
  number: u8,
  protocol: u8,
  spi: octets(8),
  transforms: fc.array(transform, { maxLength: 12 }),
});
const selector = fc
  .constantFrom(4, 16)
  .chain((n) =>
    fc.record({ protocol: u8, startPort: u16, endPort: u16, startAddress: exactly(n), endAddress: exactly(n) }),
  );
const known = new Set<number>(Object.values(PayloadType));
const unknownType = u8.filter((type) => !known.has(type));

const payload: fc.Arbitrary<Payload> = fc.oneof(
  fc.record({ type: fc.constant('SA'), proposals: fc.array(proposal, { minLength: 1, maxLength: 8 }) }),
  fc.record({ type: fc.constant('KE'), method: u16, data: octets() }),
  fc.record({ type: fc.constant('IDi'), idType: u8, data: octets() }),
  fc.record({ type: fc.constant('IDr'), idType: u8, data: octets() }),
  fc.record({ type: fc.constant('CERT'), encoding: u8, data: octets(2000) }),
  fc.record({ type: fc.constant('CERTREQ'), encoding: u8, authorities: octets() }),
  fc.record({ type: fc.constant('AUTH'), method: u8, data: octets() }),
  fc.record({ type: fc.constant('NONCE'), data: octets(256, 16) }),
  fc.record({ type: fc.constant('N'), notify: u16, protocol: u8, spi: octets(8), data: octets() }),
  fc.record({ type: fc.constant('D'), protocol: u8, spis: fc.array(exactly(4), { maxLength: 20 }) }),
  fc.record({ type: fc.constant('V'), data: octets() }),
  fc.record({ type: fc.constant('TSi'), selectors: fc.array(selector, { maxLength: 8 }) }),
  fc.record({ type: fc.constant('TSr'), selectors: fc.array(selector, { maxLength: 8 }) }),
  fc.record({
    type: fc.constant('CP'),
    cfgType: u8,
    attributes: fc.array(fc.record({ attribute: fc.nat(0x7fff), value: octets(20) }), { maxLength: 12 }),
  }),
  fc.record({ type: fc.constant('EAP'), message: octets() }),
  fc.record({ type: fc.constant('UNKNOWN'), payloadType: unknownType, critical: fc.boolean(), data: octets() }),
);
const payloads = fc.array(payload, { maxLength: 12 });

const fields = fc.record({
  SPIi: u64,
  SPIr: u64,
  exchange: u8,
  initiator: fc.boolean(),
  response: fc.boolean(),
  messageId: u32,
});

describe('round trips: IKE', () => {
  it('payloads', () => {
    fc.assert(
      fc.property(payloads, (list) => {
        const { first, octets: chain } = emitPayloads(list);
        expect(parsePayloads(first, chain)).toEqual(list);
      }),
    );
  });

  it('headers', () => {
    const header = fc
      .tuple(fields, fc.record({ nextPayload: u8, majorVersion: fc.nat(15), minorVersion: fc.nat(15) }), u32)
      .map(([a, b, length]) => ({ ...a, ...b, length: Math.max(28, length) }));
    fc.assert(
      fc.property(header, (h) => {
        expect(parseIkeHeader(emitIkeHeader(h))).toEqual(h);
      }),
    );
  });

  it('messages in clear', () => {
    fc.assert(
      fc.property(fields, payloads, (f, list) => {
        const message = parseIkeMessage(emitIkeMessage(f, list));
        expect(message.header).toMatchObject(f);
        expect(message.payloads).toEqual(list);
        expect(message.protected).toBeNull();
      }),
    );
  });

  it('shells of protected messages', () => {
    const part = fc.oneof(
      fc.record({ kind: fc.constant('SK' as const), first: u8, fragment: fc.constant(null) }),
      fc.record({ kind: fc.constant('SKF' as const), first: u8, fragment: fc.record({ number: u16, total: u16 }) }),
    );
    fc.assert(
      fc.property(fields, part, fc.nat(2000), (f, p, bodyLength) => {
        const shell = emitProtectedShell(f, p, bodyLength);
        expect(shell.octets).toHaveLength(shell.offset + bodyLength);
        const message = parseIkeMessage(shell.octets);
        expect(message.header).toMatchObject(f);
        expect(message.protected).toEqual({ ...p, offset: shell.offset });
      }),
    );
  });

  it('EAP and MSCHAPv2', () => {
    const eap: fc.Arbitrary<EapMessage> = fc.oneof(
      fc.record({ code: fc.constantFrom(1, 2), identifier: u8, type: u8, data: octets(300) }),
      fc.record({ code: fc.constantFrom(3, 4), identifier: u8 }),
    );
    fc.assert(
      fc.property(eap, (message) => {
        expect(parseEap(emitEap(message))).toEqual(message);
      }),
    );
    const mschap: fc.Arbitrary<Mschapv2Message> = fc.oneof(
      fc.record({ opCode: fc.constant('challenge'), identifier: u8, challenge: exactly(16), name: octets() }),
      fc.record({
        opCode: fc.constant('response'),
        identifier: u8,
        peerChallenge: exactly(16),
        ntResponse: exactly(24),
        name: octets(),
      }),
      fc.record({ opCode: fc.constantFrom('success', 'failure'), identifier: u8, message: octets() }),
    );
    fc.assert(
      fc.property(mschap, (message) => {
        expect(parseMschapv2(emitMschapv2(message))).toEqual(message);
      }),
    );
  });
});

describe('round trips: frames', () => {
  const path: fc.Arbitrary<Path> = fc.constantFrom(4, 16).chain((n) =>
    fc.record({
      localAddress: exactly(n),
      localPort: fc.constantFrom(500, 4500),
      remoteAddress: exactly(n),
      remotePort: u16,
    }),
  );
  const records = fc.array(path, { minLength: 1, maxLength: 3 }).chain((paths) => {
    const anyPath = fc.constantFrom(...paths);
    const record: fc.Arbitrary<FrameRecord> = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('datagram'), path: anyPath, octets: octets(100) }) },
      fc.record({ kind: fc.constant('credit'), octets: u32 }),
      fc.record({ kind: fc.constant('keepalive'), path: anyPath, seconds: u16 }),
      fc.record({ kind: fc.constant('silent'), path: anyPath, seconds: u32 }),
      fc.record({ kind: fc.constant('release') }),
    );
    return fc.array(record, { maxLength: 60 });
  });

  function write(w: FrameWriter, record: FrameRecord): boolean {
    switch (record.kind) {
      case 'datagram':
        return w.datagram(record.path, record.octets);
      case 'credit':
        return w.credit(record.octets);
      case 'keepalive':
        return w.keepalive(record.path, record.seconds);
      case 'silent':
        return w.silent(record.path, record.seconds);
      case 'release':
        return w.release();
    }
  }

  it('one writer, frame after frame', () => {
    const w = new FrameWriter();
    fc.assert(
      fc.property(records, (list) => {
        for (const record of list) expect(write(w, record)).toBe(true);
        expect(w.empty).toBe(list.length === 0);
        expect(parseFrame(w.finish())).toEqual(list);
      }),
    );
  });

  it('full or not, what was accepted is what is read', () => {
    const w = new FrameWriter();
    const lengths = fc.array(fc.nat(3000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(path, lengths, (p, list) => {
        const read: number[] = [];
        const collect = () => {
          const frame = w.finish();
          expect(frame.length).toBeLessThanOrEqual(65_536);
          for (const record of parseFrame(frame)) if (record.kind === 'datagram') read.push(record.octets.length);
        };
        for (const length of list) {
          if (w.datagram(p, new Uint8Array(length))) continue;
          collect();
          expect(w.datagram(p, new Uint8Array(length))).toBe(true);
        }
        collect();
        expect(read).toEqual(list);
      }),
      { numRuns: 30 },
    );
  });
});

describe('round trips: text', () => {
  it('hexadecimal and UTF-8', () => {
    fc.assert(
      fc.property(octets(200), (o) => {
        expect(fromHex(toHex(o))).toEqual(o);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (s) => {
        expect(text(utf8(s))).toBe(s);
      }),
    );
    fc.assert(
      fc.property(octets(40), (o) => {
        expect(text(o)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(o));
      }),
    );
  });

  it('addresses', () => {
    const sparse = exactly(16).chain((a) => fc.nat(0xffff).map((mask) => a.map((o, i) => ((mask >> i) & 1 ? o : 0))));
    fc.assert(
      fc.property(fc.oneof(address, sparse), (a) => {
        expect(parseAddress(formatAddress(a))).toEqual(a);
      }),
    );
  });

  it('prefixes, and what they contain', () => {
    fc.assert(
      fc.property(address, address, fc.nat(128), fc.nat(128), (a, b, n, m) => {
        const p = maskPrefix(a, Math.min(n, a.length * 8));
        const q = maskPrefix(b, Math.min(m, b.length * 8));
        expect(parsePrefix(formatPrefix(p))).toEqual(p);
        const { start, end } = prefixRange(p);
        for (const inside of [a, start, end]) expect(contains(p, inside)).toBe(true);
        expect(contains(p, b)).toBe(
          a.length === b.length && toHex(maskPrefix(b, p.length).address) === toHex(p.address),
        );
        expect(overlaps(p, q)).toBe(overlaps(q, p));
        expect(overlaps(p, q)).toBe(a.length === b.length && (contains(p, q.address) || contains(q, p.address)));
      }),
    );
  });
});

describe('packets', () => {
  it('a checksum updated is the checksum computed anew', () => {
    const input = octets(60, 4).chain((o) => fc.tuple(fc.constant(o), fc.nat((o.length >> 1) - 1), u16));
    fc.assert(
      fc.property(input, ([before, word, value]) => {
        const after = before.slice();
        after[2 * word] = value >> 8;
        after[2 * word + 1] = value & 255;
        const old = before[2 * word]! * 256 + before[2 * word + 1]!;
        const field = checksum(before, 0, before.length);
        expect(field).toBe(referenceChecksum(before));
        // Zeros alone have no checksum of their own: 0 and 0xffff mean the same there.
        const updated = updateChecksum(field, old, value);
        expect(updated % 0xffff).toBe(referenceChecksum(after) % 0xffff);
      }),
    );
  });

  it('an ESP trailer ends any payload', () => {
    fc.assert(
      fc.property(fc.nat(1500), fc.constantFrom(4, 16), u8, (length, alignment, nextHeader) => {
        const plaintext = new Uint8Array(espPlaintextLength(length, alignment));
        writeEspTrailer(plaintext, length, nextHeader);
        expect(plaintext.length % alignment).toBe(0);
        expect(plaintext.length - length - 2).toBeLessThan(alignment);
        expect(parseEspTrailer(plaintext)).toEqual({ nextHeader, payloadLength: length });
      }),
    );
  });

  it('fragments put together are the packet', () => {
    fc.assert(
      fc.property(octets(4000), fc.integer({ min: 68, max: 1500 }), (data, mtu) => {
        const pieces = fragmentIpv4(parseIp(ipv4(data))!, mtu).map((piece) => parseIp(piece)!);
        const ends = pieces.map((v) => v.fragmentOffset + v.totalLength - v.payloadOffset);
        expect(pieces.map((v) => v.fragmentOffset)).toEqual([0, ...ends.slice(0, -1)]);
        expect(pieces.map((v) => v.moreFragments)).toEqual(pieces.map((_, i) => i < pieces.length - 1));
        expect(pieces.every((v) => v.totalLength <= mtu)).toBe(true);
        expect(concat(...pieces.map((v) => v.octets.subarray(v.payloadOffset)))).toEqual(data);
      }),
    );
  });
});
