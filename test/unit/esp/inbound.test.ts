import { describe, expect, it } from 'vitest';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { type Inner, InboundSa } from '../../../src/esp/inbound.ts';
import { OutboundSa } from '../../../src/esp/outbound.ts';
import { ReplayWindow } from '../../../src/esp/replay-window.ts';
import { SequenceBlock } from '../../../src/esp/sequence.ts';
import { espTransform } from '../../../src/esp/suite-table.ts';
import { writeEspHeader, writeEspTrailer } from '../../../src/wire/esp.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { innerOf, parametersFor, SUITES } from './suites.ts';

const gcm = parametersFor(SUITES[0]);
const primitives = workerPrimitives();

async function sealed(count: number, parameters = gcm, first = 1): Promise<Uint8Array[]> {
  const sa = new OutboundSa(primitives, parameters, new SequenceBlock(first, first + count));
  return (await sa.seal(Array.from({ length: count }, (_, i) => innerOf(40 + i)))) as Uint8Array[];
}

/** An ESP packet around any plaintext at all, with its trailer. */
async function around(plaintext: Uint8Array, sequence = 1, parameters = gcm): Promise<Uint8Array> {
  const transform = espTransform(primitives, parameters);
  const start = 8 + transform.shape.ivOctets;
  const packet = new Uint8Array(start + plaintext.length + transform.shape.icvOctets);
  writeEspHeader(packet, parameters.spi, sequence);
  packet.set(plaintext, start);
  const ciphertext = await transform.seal(packet, sequence);
  if (ciphertext !== null) packet.set(ciphertext, start);
  return packet;
}

function withTrailer(payload: Uint8Array, nextHeader: number, padLength = 2): Uint8Array {
  const plaintext = new Uint8Array(payload.length + padLength + 2);
  plaintext.set(payload);
  writeEspTrailer(plaintext, payload.length, nextHeader);
  return plaintext;
}

const opener = (parameters = gcm, window = new ReplayWindow()) => new InboundSa(primitives, parameters, window);

/** Keys that settle when told to, in whatever order. */
function delayed(): { primitives: Primitives; release: (order?: 'backwards') => void } {
  let waiting: (() => void)[] = [];
  const real = primitives;
  return {
    primitives: {
      ...real,
      aesGcm: (octets) => {
        const key = real.aesGcm(octets);
        return {
          seal: (nonce, aad, plaintext) => key.seal(nonce, aad, plaintext),
          open: async (nonce, aad, ciphertext) => {
            await new Promise<void>((resolve) => waiting.push(resolve));
            return key.open(nonce, aad, ciphertext);
          },
        };
      },
    },
    release: (order) => {
      const now = order === 'backwards' ? waiting.reverse() : waiting;
      waiting = [];
      for (const resolve of now) resolve();
    },
  };
}

describe('the receiving end', () => {
  it('opens a batch in order and takes each packet once', async () => {
    const packets = await sealed(5);
    const sa = opener();
    const opened = (await sa.open(packets)) as Inner[];
    expect(opened.map((o) => o.sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(opened.map((o) => o.packet)).toEqual([0, 1, 2, 3, 4].map((i) => innerOf(40 + i)));
    expect(await sa.open(packets)).toEqual(Array(5).fill('replayed'));
  });

  it('delivers one of two copies in the same batch', async () => {
    const [packet] = await sealed(1);
    const opened = await opener().open([packet!, packet!.slice(), packet!.slice()]);
    expect(opened.map((o) => (typeof o === 'string' ? o : 'inner'))).toEqual(['inner', 'replayed', 'replayed']);
  });

  it('delivers one of two copies in batches that overlap', async () => {
    const [packet] = await sealed(1);
    const keys = delayed();
    const sa = new InboundSa(keys.primitives, gcm, new ReplayWindow());
    const first = sa.open([packet!]);
    const second = sa.open([packet!.slice()]);
    keys.release('backwards');
    const kinds = (await Promise.all([first, second])).flat().map((o) => (typeof o === 'string' ? o : 'inner'));
    expect(kinds.sort()).toEqual(['inner', 'replayed']);
  });

  it('looks at the window again after the wait', async () => {
    const [early] = await sealed(1);
    const keys = delayed();
    const window = new ReplayWindow();
    const sa = new InboundSa(keys.primitives, gcm, window);
    const opening = sa.open([early!]);
    window.mark(5000);
    keys.release();
    expect(await opening).toEqual(['too-old']);
  });

  it('marks nothing that is not authentic', async () => {
    const [packet] = await sealed(1, gcm, 9000);
    const forged = packet!.slice();
    forged[20]! ^= 1;
    const window = new ReplayWindow();
    const sa = opener(gcm, window);
    expect(await sa.open([forged])).toEqual(['wrong-icv']);
    expect(window.highest).toBe(0);
    const opened = await sa.open([forged, packet!]);
    expect(opened[0]).toBe('wrong-icv');
    expect(opened[1]).toMatchObject({ sequence: 9000 });
  });

  it('does not even begin with what is replayed, too old, malformed or of another SA', async () => {
    let begun = 0;
    const counting: Primitives = {
      ...primitives,
      aesGcm: () => ({
        seal: () => Promise.reject(new Error('not asked')),
        open: () => {
          begun++;
          return Promise.resolve(null);
        },
      }),
    };
    const window = new ReplayWindow();
    window.mark(5000);
    const sa = new InboundSa(counting, gcm, window);
    const [old] = await sealed(1);
    const [replayed] = await sealed(1, gcm, 5000);
    const [other] = await sealed(1, { ...gcm, spi: gcm.spi + 1 }, 6000);
    const [fresh] = await sealed(1, gcm, 6000);
    const odd = fresh!.subarray(0, fresh!.length - 1);
    const empty = [0, 1, 7, 8, 16, 32, 35].map((length) => fresh!.subarray(0, length));
    expect(await sa.open([old!, replayed!, other!, odd, ...empty])).toEqual([
      'too-old',
      'replayed',
      'wrong-spi',
      ...Array(8).fill('malformed'),
    ]);
    expect(begun).toBe(0);
  });

  it('never takes sequence number 0', async () => {
    expect(await opener().open([await around(withTrailer(innerOf(40), 4), 0)])).toEqual(['too-old']);
  });

  it('opens an empty batch', async () => {
    expect(await opener().open([])).toEqual([]);
  });
});

describe('extended sequence numbers on the way in', () => {
  for (const suite of [SUITES[0], SUITES[4]]) {
    it(`follows over 2^32 with ${suite.name}`, async () => {
      const parameters = parametersFor(suite, true);
      const packets = await sealed(8, parameters, 2 ** 32 - 4);
      const window = new ReplayWindow();
      window.mark(2 ** 32 - 100);
      const opened = (await opener(parameters, window).open(packets)) as Inner[];
      expect(opened.map((o) => o.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => 2 ** 32 - 4 + i));
    });

    it(`checks the high bits that were not sent with ${suite.name}`, async () => {
      const parameters = parametersFor(suite, true);
      const [packet] = await sealed(1, parameters, 2 ** 32 + 7);
      expect(await opener(parameters).open([packet!])).toEqual(['wrong-icv']);
    });
  }
});

describe('what is inside', () => {
  const only = async (plaintext: Uint8Array) => (await opener().open([await around(plaintext)]))[0];

  it('is IPv4 under 4 and IPv6 under 41', async () => {
    expect(await only(withTrailer(innerOf(40), 4))).toEqual({ packet: innerOf(40), sequence: 1 });
    expect(await only(withTrailer(innerOf(44, 6), 41))).toEqual({ packet: innerOf(44, 6), sequence: 1 });
  });

  it('is nothing under a wrong or another next header', async () => {
    expect(await only(withTrailer(innerOf(40), 41))).toBe('not-ip');
    expect(await only(withTrailer(innerOf(44, 6), 4))).toBe('not-ip');
    expect(await only(withTrailer(innerOf(40), 17))).toBe('not-ip');
  });

  it('is cut by its own length where TFC padding follows', async () => {
    const payload = new Uint8Array(400);
    payload.set(innerOf(60));
    expect(await only(withTrailer(payload, 4))).toEqual({ packet: innerOf(60), sequence: 1 });
    payload.set(innerOf(64, 6));
    expect(await only(withTrailer(payload, 41))).toEqual({ packet: innerOf(64, 6), sequence: 1 });
  });

  it('must be there whole', async () => {
    const tooLong = innerOf(40);
    tooLong[3] = 41;
    expect(await only(withTrailer(tooLong, 4))).toBe('not-ip');
    const tooShort = innerOf(40);
    tooShort[3] = 19;
    expect(await only(withTrailer(tooShort, 4))).toBe('not-ip');
    const tooLong6 = innerOf(44, 6);
    tooLong6[5] = 5;
    expect(await only(withTrailer(tooLong6, 41))).toBe('not-ip');
    expect(await only(withTrailer(innerOf(20).subarray(0, 16), 4))).toBe('not-ip');
    expect(await only(withTrailer(innerOf(40, 6).subarray(0, 36), 41))).toBe('not-ip');
    expect(await only(withTrailer(new Uint8Array(), 4))).toBe('not-ip');
  });

  it('may be a dummy, whatever it holds', async () => {
    expect(await only(withTrailer(Uint8Array.of(1, 2, 3, 4), 59))).toBe('dummy');
    expect(await only(withTrailer(new Uint8Array(), 59))).toBe('dummy');
  });

  it('has padding that counts up, up to 255', async () => {
    expect(await only(withTrailer(innerOf(43), 4, 255))).toEqual({ packet: innerOf(43), sequence: 1 });
    const zeros = withTrailer(innerOf(40), 4, 6);
    zeros.fill(0, 40, 46);
    expect(await only(zeros)).toBe('bad-padding');
    const beyond = withTrailer(innerOf(40), 4, 2);
    beyond[42] = 43;
    expect(await only(beyond)).toBe('bad-padding');
  });

  it('counts as received even when it is dropped', async () => {
    const sa = opener();
    const dummy = await around(withTrailer(new Uint8Array(), 59), 77);
    expect(await sa.open([dummy])).toEqual(['dummy']);
    expect(await sa.open([dummy])).toEqual(['replayed']);
  });
});
