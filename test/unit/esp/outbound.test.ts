import { createDecipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/bytes/octets.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { InboundSa } from '../../../src/esp/inbound.ts';
import { OutboundSa } from '../../../src/esp/outbound.ts';
import { ReplayWindow } from '../../../src/esp/replay-window.ts';
import { SequenceBlock } from '../../../src/esp/sequence.ts';
import { espTransform } from '../../../src/esp/suite-table.ts';
import { espSequence, espSpi } from '../../../src/wire/esp.ts';
import { EncrId } from '../../../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { innerOf, parametersFor, SUITES } from './suites.ts';

const primitives = workerPrimitives();
const gcm = parametersFor(SUITES[1]);
const cbc = parametersFor(SUITES[4]);
const sequences = (sealed: (Uint8Array | string)[]) => sealed.map((s) => (typeof s === 'string' ? s : espSequence(s)));

describe('the sending end', () => {
  it('makes packets that another implementation opens', async () => {
    const sa = new OutboundSa(primitives, gcm, new SequenceBlock(258, 300));
    const [packet] = (await sa.seal([innerOf(41)])) as Uint8Array[];
    expect(toHex(packet!.subarray(0, 16))).toBe(`12345601${'00000102'}${'0000000000000102'}`);
    const nonce = Uint8Array.of(...gcm.keys.encr.subarray(32), ...packet!.subarray(8, 16));
    const decipher = createDecipheriv('aes-256-gcm', gcm.keys.encr.subarray(0, 32), nonce);
    decipher.setAAD(packet!.subarray(0, 8));
    decipher.setAuthTag(packet!.subarray(packet!.length - 16));
    const plaintext = Buffer.concat([decipher.update(packet!.subarray(16, packet!.length - 16)), decipher.final()]);
    expect(toHex(plaintext)).toBe(`${toHex(innerOf(41))}010104`);
  });

  it('says which family is inside', async () => {
    const sa = new OutboundSa(primitives, cbc, new SequenceBlock(1, 10));
    const [four, six] = (await sa.seal([innerOf(30), innerOf(46, 6)])) as Uint8Array[];
    const transform = espTransform(primitives, cbc);
    expect((await transform.open(four!, 1))!.at(-1)).toBe(4);
    expect((await transform.open(six!, 2))!.at(-1)).toBe(41);
  });

  it('takes its numbers before it waits', () => {
    const block = new SequenceBlock(1, 10);
    const sa = new OutboundSa(primitives, gcm, block);
    const sealing = sa.seal([innerOf(40), innerOf(40), innerOf(40)]);
    expect(block.next).toBe(4);
    return sealing;
  });

  it('copies the octets before it waits', async () => {
    const sa = new OutboundSa(primitives, gcm, new SequenceBlock(1, 10));
    const packet = innerOf(40);
    const sealing = sa.seal([packet]);
    packet.fill(0);
    const [sealed] = await sealing;
    const plaintext = await espTransform(primitives, gcm).open(sealed as Uint8Array, 1);
    expect(plaintext!.subarray(0, 40)).toEqual(innerOf(40));
  });

  it.each(SUITES)('leaves nothing of what was in the room: $name', async (suite) => {
    const parameters = parametersFor(suite);
    const room = new Uint8Array(4_000).fill(0xaa);
    const sa = new OutboundSa(primitives, parameters, new SequenceBlock(1, 10));
    const packets = [innerOf(41), innerOf(1_300), innerOf(48)];
    const sealed = (await sa.seal(packets, room)) as Uint8Array[];
    expect(sealed.map(({ buffer }) => buffer)).toEqual([room.buffer, room.buffer, room.buffer]);
    const octets = sealed.reduce((sum, { length }) => sum + length, 0);
    expect(sealed.at(-1)!.byteOffset + sealed.at(-1)!.length).toBe(octets);
    expect(room.subarray(octets).every((octet) => octet === 0xaa)).toBe(true);
    const inbound = new InboundSa(primitives, parameters, new ReplayWindow());
    const opened = await inbound.open(sealed);
    expect(opened.map((each) => (typeof each === 'string' ? each : each.packet))).toEqual(packets);
  });

  it('makes room of its own where there is too little', async () => {
    const sa = new OutboundSa(primitives, gcm, new SequenceBlock(1, 10));
    const [before] = (await sa.seal([innerOf(40)])) as Uint8Array[];
    const room = new Uint8Array(before!.length - 1);
    const [sealed] = (await sa.seal([innerOf(40)], room)) as Uint8Array[];
    expect(sealed!.buffer).not.toBe(room.buffer);
    expect(room.every((octet) => octet === 0)).toBe(true);
  });

  it('never goes beyond the stored limit', async () => {
    const block = new SequenceBlock(8, 10);
    const sa = new OutboundSa(primitives, gcm, block);
    const sealed = await sa.seal(Array.from({ length: 5 }, () => innerOf(40)));
    expect(sequences(sealed)).toEqual([8, 9, 10, 'exhausted', 'exhausted']);
    block.extend(11);
    expect(sequences(await sa.seal([innerOf(40)]))).toEqual([11]);
  });

  it('stops before the 32-bit counter is full', async () => {
    const sa = new OutboundSa(primitives, gcm, new SequenceBlock(2 ** 32 - 3, 2 ** 33));
    const sealed = await sa.seal(Array.from({ length: 4 }, () => innerOf(40)));
    expect(sequences(sealed)).toEqual([2 ** 32 - 3, 2 ** 32 - 2, 'exhausted', 'exhausted']);
  });

  it('goes on beyond with extended sequence numbers, of which the low half is sent', async () => {
    const parameters = parametersFor(SUITES[1], true);
    const sa = new OutboundSa(primitives, parameters, new SequenceBlock(2 ** 32 - 1, 2 ** 33));
    const sealed = (await sa.seal([innerOf(40), innerOf(40)])) as Uint8Array[];
    expect(sequences(sealed)).toEqual([2 ** 32 - 1, 0]);
    expect(toHex(sealed[1]!.subarray(8, 16))).toBe('0000000100000000');
  });

  it('drops what is no IP packet and spends no number on it', async () => {
    const sa = new OutboundSa(primitives, gcm, new SequenceBlock(1, 10));
    const sealed = await sa.seal([new Uint8Array(), Uint8Array.of(0x50, 1, 2), innerOf(40)]);
    expect(sequences(sealed)).toEqual(['not-ip', 'not-ip', 1]);
  });

  it('addresses the SA of the receiver', async () => {
    for (const parameters of [gcm, cbc]) {
      const [packet] = await new OutboundSa(primitives, parameters, new SequenceBlock(1, 1)).seal([innerOf(40)]);
      expect(espSpi(packet as Uint8Array)).toBe(parameters.spi);
    }
  });
});

describe('initialization vectors', () => {
  it('of an AEAD never repeat, and count', async () => {
    const sa = new OutboundSa(primitives, gcm, new SequenceBlock(1, 200));
    const sealed = (await sa.seal(Array.from({ length: 200 }, () => innerOf(40)))) as Uint8Array[];
    expect(new Set(sealed.map((packet) => toHex(packet.subarray(8, 16)))).size).toBe(200);
  });

  it('of CBC come from the random source, each from its own octets', async () => {
    const pools: Uint8Array[] = [];
    const recorded: Primitives = {
      ...primitives,
      random: (length) => {
        pools.push(primitives.random(length));
        return pools.at(-1)!;
      },
    };
    const sa = new OutboundSa(recorded, cbc, new SequenceBlock(1, 200));
    const sealed = (await sa.seal(Array.from({ length: 150 }, () => innerOf(40)))) as Uint8Array[];
    const ivs = sealed.map((packet) => toHex(packet.subarray(8, 24)));
    expect(new Set(ivs).size).toBe(150);
    const drawn = pools.map(toHex).join('');
    expect(drawn.startsWith(ivs.join(''))).toBe(true);
  });
});

it('a suite without a transform, or CBC without integrity, is a RangeError', () => {
  const of = (change: object) => () => espTransform(primitives, { ...cbc, suite: { ...cbc.suite, ...change } });
  expect(of({ encr: EncrId.DES3 })).toThrow(RangeError);
  expect(of({ integ: 0 })).toThrow(RangeError);
});
