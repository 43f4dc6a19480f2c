import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/bytes/octets.ts';
import { InboundSa } from '../../../src/esp/inbound.ts';
import type { EspParameters } from '../../../src/esp/parameters.ts';
import { ReplayWindow } from '../../../src/esp/replay-window.ts';
import { espTransform } from '../../../src/esp/suite-table.ts';
import { EncrId, IntegId, KeId } from '../../../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import gmac from '../../vectors/gmac-esp.json' with { type: 'json' };
import rfc3602 from '../../vectors/rfc3602-esp.json' with { type: 'json' };
import rfc7634 from '../../vectors/rfc7634-esp.json' with { type: 'json' };

describe('the packet of RFC 7634 appendix A', () => {
  const parameters: EspParameters = {
    spi: rfc7634.spi,
    suite: {
      encr: EncrId.CHACHA20_POLY1305,
      encrKeyBits: 256,
      integ: IntegId.NONE,
      esn: false,
      ke: KeId.NONE,
    },
    keys: { encr: fromHex(rfc7634.keymat), integ: new Uint8Array() },
  };

  it('opens', async () => {
    const sa = new InboundSa(workerPrimitives(), parameters, new ReplayWindow());
    const [inner] = await sa.open([fromHex(rfc7634.packet)]);
    expect(inner).toEqual({ packet: fromHex(rfc7634.inner), sequence: rfc7634.sequence });
  });
});

describe('the GMAC packet of draft-mcgrew-gcm-test-01', () => {
  const suite = { encr: EncrId.NULL_AUTH_AES_GMAC, encrKeyBits: 128, integ: IntegId.NONE, esn: false, ke: KeId.NONE };
  const parameters: EspParameters = {
    spi: Number.parseInt(gmac.header.slice(0, 8), 16),
    suite,
    keys: { encr: fromHex(gmac.key + gmac.salt), integ: new Uint8Array() },
  };
  const sequence = Number.parseInt(gmac.header.slice(8), 16);
  const whole = fromHex(gmac.header + gmac.iv + gmac.payload + gmac.icv);

  it('opens', async () => {
    const opened = await espTransform(workerPrimitives(), parameters).open(whole, sequence);
    expect(toHex(opened!)).toBe(gmac.payload);
  });

  it('does not open with another IV, sequence number or payload', async () => {
    const transform = espTransform(workerPrimitives(), parameters);
    for (const at of [7, 8, 15, 16, 40, whole.length - 17, whole.length - 1]) {
      const altered = whole.slice();
      altered[at]! ^= 1;
      expect(await transform.open(altered, sequence), String(at)).toBeNull();
    }
  });
});

describe('the packets of RFC 3602 section 4, with an ICV as RFC 4868 makes it', () => {
  const integ = Uint8Array.from({ length: 32 }, (_, i) => i);

  for (const vector of rfc3602.cases) {
    const parameters: EspParameters = {
      spi: Number.parseInt(vector.header.slice(0, 8), 16),
      suite: {
        encr: EncrId.AES_CBC,
        encrKeyBits: 128,
        integ: IntegId.HMAC_SHA2_256_128,
        esn: false,
        ke: KeId.NONE,
      },
      keys: { encr: fromHex(vector.key), integ },
    };
    const covered = fromHex(vector.header + vector.iv + vector.ciphertext);
    const icv = createHmac('sha256', integ).update(covered).digest().subarray(0, 16);
    const whole = concat(covered, icv);
    const sequence = Number.parseInt(vector.header.slice(8), 16);

    it(`seal: ${vector.name}`, () => {
      const random = (length: number) => {
        const octets = new Uint8Array(length);
        octets.set(fromHex(vector.iv));
        return octets;
      };
      const transform = espTransform({ ...workerPrimitives(), random }, parameters);
      const packet = concat(fromHex(vector.header), new Uint8Array(16), fromHex(vector.plaintext), new Uint8Array(16));
      expect(transform.seal(packet, sequence)).toBeNull();
      expect(toHex(packet)).toBe(toHex(whole));
    });

    it(`open: ${vector.name}`, async () => {
      const opened = await espTransform(workerPrimitives(), parameters).open(whole, sequence);
      expect(toHex(opened!)).toBe(vector.plaintext);
      const [inner] = await new InboundSa(workerPrimitives(), parameters, new ReplayWindow()).open([whole]);
      // Cases 5 and 6 are transport mode: authentic, but no packet of a tunnel.
      const tunnel = vector.name.includes('tunnel');
      const length = Number.parseInt(vector.plaintext.slice(4, 8), 16);
      expect(inner).toEqual(tunnel ? { packet: fromHex(vector.plaintext).subarray(0, length), sequence } : 'not-ip');
    });
  }
});
