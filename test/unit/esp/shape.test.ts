import { describe, expect, it } from 'vitest';
import { OutboundSa } from '../../../src/esp/outbound.ts';
import { SequenceBlock } from '../../../src/esp/sequence.ts';
import { espOverhead, innerMtu } from '../../../src/esp/shape.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { innerOf, parametersFor, SUITES } from './suites.ts';

const named = (name: string) => parametersFor(SUITES.find((s) => s.name === name)!).suite;

describe('what a suite adds', () => {
  it('to a packet at most', () => {
    // 8 header + 8 IV + 3 padding + 2 trailer + 16 ICV
    expect(espOverhead(named('AES-256-GCM'))).toBe(37);
    expect(espOverhead(named('ChaCha20-Poly1305'))).toBe(37);
    // 8 header + 16 IV + 15 padding + 2 trailer + 12, 16, 24, 32 ICV
    expect(espOverhead(named('AES-128-CBC with HMAC-SHA1-96'))).toBe(53);
    expect(espOverhead(named('AES-256-CBC with HMAC-SHA-256-128'))).toBe(57);
    expect(espOverhead(named('AES-256-CBC with HMAC-SHA-384-192'))).toBe(65);
    expect(espOverhead(named('AES-192-CBC with HMAC-SHA-512-256'))).toBe(73);
    // 8 header + 8 IV + 3 padding + 2 trailer + 16 ICV, and the same without an IV
    expect(espOverhead(named('AES-256-GMAC'))).toBe(37);
    expect(espOverhead(named('NULL with HMAC-SHA-256-128'))).toBe(29);
  });

  it('leaves an inner packet this long', () => {
    expect(innerMtu(1500, 4, named('AES-256-GCM'))).toBe(1438);
    expect(innerMtu(1500, 6, named('AES-256-GCM'))).toBe(1418);
    expect(innerMtu(1500, 4, named('AES-256-CBC with HMAC-SHA-256-128'))).toBe(1422);
    expect(innerMtu(1280, 6, named('ChaCha20-Poly1305'))).toBe(1198);
    expect(innerMtu(40, 6, named('ChaCha20-Poly1305'))).toBe(0);
  });

  for (const suite of SUITES) {
    it(`fits a path to the octet: ${suite.name}`, async () => {
      const parameters = parametersFor(suite);
      const sa = new OutboundSa(workerPrimitives(), parameters, new SequenceBlock(1, 1000));
      for (let pathMtu = 1280; pathMtu < 1320; pathMtu++) {
        const longest = innerMtu(pathMtu, 4, parameters.suite);
        const [fits, overflows] = await sa.seal([innerOf(longest), innerOf(longest + 1)]);
        expect(20 + 8 + fits!.length).toBeLessThanOrEqual(pathMtu);
        expect(20 + 8 + overflows!.length).toBeGreaterThan(pathMtu);
        expect(fits!.length - longest).toBeLessThanOrEqual(espOverhead(parameters.suite));
      }
    });
  }
});
