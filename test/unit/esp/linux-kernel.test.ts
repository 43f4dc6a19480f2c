import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../../src/bytes/octets.ts';
import { InboundSa } from '../../../src/esp/inbound.ts';
import type { EspParameters } from '../../../src/esp/parameters.ts';
import { ReplayWindow } from '../../../src/esp/replay-window.ts';
import { espTransform } from '../../../src/esp/suite-table.ts';
import { writeEspHeader } from '../../../src/wire/esp.ts';
import { EncrId, IntegId, KeId } from '../../../src/wire/ike-numbers.ts';
import { workerPrimitives } from '../../../worker/edge/primitives.ts';

const file = new URL('../../../../shared/vectors/esp-linux-kernel-vectors.json', import.meta.url);
const elsewhere = new URL('../../../../../shared/vectors/esp-linux-kernel-vectors.json', import.meta.url);
const found = [file, elsewhere].find((url) => existsSync(url));

interface Vector {
  readonly name: string;
  readonly spi: number;
  readonly seq: number;
  readonly esn: boolean;
  readonly esn_hi: number;
  readonly ip_xfrm?: string;
  readonly payload_after_spi_seq: string;
  readonly enc_key: string;
  readonly auth_key: string;
  readonly ip_packet: string;
  readonly plaintext: string;
}

function vectors(): Vector[] {
  return found === undefined ? [] : JSON.parse(readFileSync(found, 'utf8')).vectors;
}

function packetOf(vector: Vector): Uint8Array {
  const header = new Uint8Array(8);
  writeEspHeader(header, vector.spi, vector.seq);
  return concat(header, fromHex(vector.payload_after_spi_seq));
}

describe.skipIf(found === undefined)('packets that the Linux kernel made', () => {
  const gcm = vectors().filter((v) => /aead 'rfc4106\(gcm\(aes\)\)' '0x[0-9a-f]+' 128/.test(v.ip_xfrm ?? ''));

  it('are there', () => expect(gcm.map((v) => v.esn)).toEqual([false, true]));

  for (const vector of gcm) {
    const key = /'0x([0-9a-f]+)'/.exec(vector.ip_xfrm!)![1]!;
    const parameters: EspParameters = {
      spi: vector.spi,
      suite: { encr: EncrId.AES_GCM_16, encrKeyBits: 128, integ: IntegId.NONE, esn: vector.esn, ke: KeId.NONE },
      keys: { encr: fromHex(key), integ: new Uint8Array() },
    };

    it(`${vector.name}`, async () => {
      const window = new ReplayWindow();
      window.raise(vector.esn_hi * 2 ** 32);
      const [inner] = await new InboundSa(workerPrimitives(), parameters, window).open([packetOf(vector)]);
      const sequence = vector.esn_hi * 2 ** 32 + vector.seq;
      expect(inner).toEqual({ packet: fromHex(vector.plaintext).subarray(0, 84), sequence });
    });

    it(`${vector.name}: not under another high word`, async () => {
      const other = { ...parameters, suite: { ...parameters.suite, esn: !vector.esn } };
      const window = new ReplayWindow();
      if (!vector.esn) window.raise(2 ** 32);
      expect(await new InboundSa(workerPrimitives(), other, window).open([packetOf(vector)])).toEqual(['wrong-icv']);
    });
  }

  it('AES-CBC and HMAC-SHA2-256-128 with ESN (scapy, transport mode)', async () => {
    const vector = vectors().find((v) => v.name.startsWith('AES-CBC + HMAC-SHA2-256-128 ESN'))!;
    const parameters: EspParameters = {
      spi: vector.spi,
      suite: { encr: EncrId.AES_CBC, encrKeyBits: 128, integ: IntegId.HMAC_SHA2_256_128, esn: true, ke: KeId.NONE },
      keys: { encr: fromHex(vector.enc_key), integ: fromHex(vector.auth_key) },
    };
    const packet = fromHex(vector.ip_packet).subarray(20);
    const transform = espTransform(workerPrimitives(), parameters);
    const opened = await transform.open(packet, vector.esn_hi * 2 ** 32 + vector.seq);
    expect(toHex(opened!)).toBe(vector.plaintext);
    expect(await transform.open(packet, vector.seq)).toBeNull();
  });
});
