// The sending end of a child SA, tunnel mode: RFC 4303 section 3.3.

import type { Primitives } from '../crypto/primitives.ts';
import { ESP_HEADER_OCTETS, EspNextHeader, espPlaintextLength, writeEspHeader, writeEspTrailer } from '../wire/esp.ts';
import type { EspDrop } from './drop.ts';
import type { EspParameters } from './parameters.ts';
import type { SequenceBlock } from './sequence.ts';
import { espTransform } from './suite-table.ts';
import type { EspTransform } from './transform.ts';

/** The counter must not come round (RFC 4303 section 3.3.3); 2^32 - 1 itself is left out, as a guard. */
const LAST_WITHOUT_ESN = 2 ** 32 - 2;

export class OutboundSa {
  readonly spi: number;
  readonly sequence: SequenceBlock;
  readonly #last: number;
  readonly #transform: EspTransform;

  /** @throws RangeError for a suite that is never chosen. */
  constructor(primitives: Primitives, parameters: EspParameters, sequence: SequenceBlock) {
    this.spi = parameters.spi;
    this.sequence = sequence;
    this.#last = parameters.suite.esn ? Number.MAX_SAFE_INTEGER : LAST_WITHOUT_ESN;
    this.#transform = espTransform(primitives, parameters);
  }

  /**
   * Seals inner packets. Their sequence numbers are taken, and their octets copied, before this returns its promise.
   * @returns for each packet, in their order, an ESP packet ready for UDP, or why there is none.
   */
  async seal(packets: readonly Uint8Array[]): Promise<(Uint8Array | EspDrop)[]> {
    const sealed: (Uint8Array | EspDrop)[] = [];
    const sealing: (Promise<Uint8Array> | null)[] = [];
    for (const packet of packets) {
      const nextHeader = nextHeaderOf(packet);
      const sequence = nextHeader === null ? null : this.#take();
      if (nextHeader === null || sequence === null) {
        sealed.push(nextHeader === null ? 'not-ip' : 'exhausted');
        sealing.push(null);
        continue;
      }
      const whole = this.#laidOut(packet, nextHeader, sequence);
      sealed.push(whole);
      sealing.push(this.#transform.seal(whole, sequence));
    }
    const ciphertexts = await Promise.all(sealing);
    const start = ESP_HEADER_OCTETS + this.#transform.shape.ivOctets;
    for (let i = 0; i < sealed.length; i++) {
      const ciphertext = ciphertexts[i];
      const whole = sealed[i];
      if (ciphertext && whole instanceof Uint8Array) whole.set(ciphertext, start);
    }
    return sealed;
  }

  #take(): number | null {
    return this.sequence.next > this.#last ? null : this.sequence.take(1);
  }

  /** An ESP packet with header, inner packet and trailer in place. */
  #laidOut(packet: Uint8Array, nextHeader: number, sequence: number): Uint8Array {
    const { ivOctets, alignment, icvOctets } = this.#transform.shape;
    const start = ESP_HEADER_OCTETS + ivOctets;
    const end = start + espPlaintextLength(packet.length, alignment);
    const whole = new Uint8Array(end + icvOctets);
    writeEspHeader(whole, this.spi, sequence);
    whole.set(packet, start);
    writeEspTrailer(whole.subarray(start, end), packet.length, nextHeader);
    return whole;
  }
}

function nextHeaderOf(packet: Uint8Array): number | null {
  const version = packet.length === 0 ? 0 : packet[0]! >>> 4;
  return version === 4 ? EspNextHeader.IPV4 : version === 6 ? EspNextHeader.IPV6 : null;
}
