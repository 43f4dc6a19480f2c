import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ESP_DROPS } from '../../src/esp/drop.ts';
import { InboundSa } from '../../src/esp/inbound.ts';
import { OutboundSa } from '../../src/esp/outbound.ts';
import { ReplayWindow } from '../../src/esp/replay-window.ts';
import { SequenceBlock } from '../../src/esp/sequence.ts';
import { workerPrimitives } from '../../worker/edge/primitives.ts';
import { innerOf, parametersFor, SUITES } from '../unit/esp/suites.ts';

const primitives = workerPrimitives();

for (const suite of SUITES) {
  describe(`ESP with ${suite.name}`, () => {
    it('brings any packet through, under any number', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({ length: fc.integer({ min: 40, max: 1500 }), family: fc.constantFrom(4 as const, 6 as const) }),
            {
              minLength: 1,
              maxLength: 20,
            },
          ),
          fc.boolean(),
          fc.constantFrom(1, 1000, 2 ** 31 - 5, 2 ** 32 - 30, 2 ** 32 - 5, 2 ** 40 + 3),
          async (shapes, esn, from) => {
            const first = esn ? from : from % 2 ** 32;
            const parameters = parametersFor(suite, esn);
            const packets = shapes.map(({ length, family }) => innerOf(length, family));
            const sender = new OutboundSa(primitives, parameters, new SequenceBlock(first, first + 100));
            const window = new ReplayWindow();
            window.raise(first - 1);
            const receiver = new InboundSa(primitives, parameters, window);
            const sealed = await sender.seal(packets);
            const whole = sealed.filter((s) => typeof s !== 'string');
            if (esn || first + packets.length < 2 ** 32 - 1) expect(whole.length).toBe(packets.length);
            const opened = await receiver.open(whole);
            expect(opened).toEqual(whole.map((_, i) => ({ packet: packets[i], sequence: first + i })));
          },
        ),
        { numRuns: 15 },
      ));

    it('refuses every flipped bit and every truncation', async () => {
      for (const esn of [false, true]) {
        const parameters = parametersFor(suite, esn);
        const [packet] = await new OutboundSa(primitives, parameters, new SequenceBlock(70, 99)).seal([innerOf(24)]);
        if (!(packet instanceof Uint8Array)) throw new Error('not sealed');
        const damaged: Uint8Array[] = [];
        for (let bit = 0; bit < packet.length * 8; bit++) {
          const copy = packet.slice();
          copy[bit >> 3]! ^= 1 << (bit & 7);
          damaged.push(copy);
        }
        for (let length = 0; length < packet.length; length++) damaged.push(packet.slice(0, length));
        const receiver = new InboundSa(primitives, parameters, new ReplayWindow());
        const opened = await receiver.open(damaged);
        for (const drop of opened) expect(ESP_DROPS).toContain(drop);
        expect(receiver.window.highest).toBe(0);
        expect(await receiver.open([packet])).toEqual([{ packet: innerOf(24), sequence: 70 }]);
      }
    });
  });
}

describe('noise', () => {
  it('is dropped by name, whatever it is', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...SUITES), fc.uint8Array({ maxLength: 200 }), async (suite, noise) => {
        const parameters = parametersFor(suite);
        const addressed = noise.slice();
        if (addressed.length >= 4) addressed.set([0x12, 0x34, 0x56, 0x01]);
        const receiver = new InboundSa(primitives, parameters, new ReplayWindow());
        for (const drop of await receiver.open([noise, addressed])) expect(ESP_DROPS).toContain(drop);
      }),
      { numRuns: 200 },
    ));
});
