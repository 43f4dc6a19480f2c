// ESP without encryption (RFC 2410) under an HMAC (RFC 4868): authentic, and for everybody to read.

import type { Primitives } from '../crypto/primitives.ts';
import { ESP_HEADER_OCTETS } from '../wire/esp.ts';
import { HmacIcv } from './hmac-icv.ts';
import type { EspParameters } from './parameters.ts';
import { type EspShape, espShape } from './shape.ts';
import type { EspTransform } from './transform.ts';

export class NullHmacTransform implements EspTransform {
  readonly shape: EspShape;
  readonly #icv: HmacIcv;

  constructor(primitives: Primitives, parameters: EspParameters) {
    this.shape = espShape(parameters.suite);
    this.#icv = new HmacIcv(primitives, parameters);
  }

  seal(packet: Uint8Array, sequence: number): null {
    const end = packet.length - this.#icv.octets;
    packet.set(this.#icv.of(packet, end, sequence), end);
    return null;
  }

  open(packet: Uint8Array, sequence: number): Uint8Array | null {
    const end = packet.length - this.#icv.octets;
    return this.#icv.fits(packet, end, sequence) ? packet.subarray(ESP_HEADER_OCTETS, end) : null;
  }
}
