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
   * @param room for what is sealed, if that fits; what it held before does not matter. Taken from its beginning.
   * @returns for each packet, in their order, an ESP packet ready for UDP, or why there is none. All are views of one
   * buffer: to be sent at once, not kept.
   */
  async seal(packets: readonly Uint8Array[], room?: Uint8Array): Promise<(Uint8Array | EspDrop)[]> {
    const sealed: (Uint8Array | EspDrop)[] = [];
    const sealing: (Promise<Uint8Array> | null)[] = [];
    const octets = this.#octetsOf(packets);
    const buffer = room && octets <= room.length ? room : new Uint8Array(octets);
    let at = 0;
    for (const packet of packets) {
      const nextHeader = nextHeaderOf(packet);
      const sequence = nextHeader === null ? null : this.#take();
      if (nextHeader === null || sequence === null) {
        sealed.push(nextHeader === null ? 'not-ip' : 'exhausted');
        sealing.push(null);
        continue;
      }
      const whole = buffer.subarray(at, (at += this.#sealedLength(packet)));
      this.#layOut(whole, packet, nextHeader, sequence);
      sealed.push(whole);
      sealing.push(this.#transform.seal(whole, sequence));
    }
    const ciphertexts = await Promise.all(sealing);
    const start = ESP_HEADER_OCTETS + this.#transform.shape.ivOctets;
    for (let i = 0; i < sealed.length; i++) {
      const ciphertext = ciphertexts[i];
      if (ciphertext) (sealed[i] as Uint8Array).set(ciphertext, start);
    }
    return sealed;
  }

  #octetsOf(packets: readonly Uint8Array[]): number {
    let octets = 0;
    for (const packet of packets) octets += this.#sealedLength(packet);
    return octets;
  }

  #take(): number | null {
    return this.sequence.next > this.#last ? null : this.sequence.take(1);
  }

  #sealedLength(packet: Uint8Array): number {
    const { ivOctets, alignment, icvOctets } = this.#transform.shape;
    return ESP_HEADER_OCTETS + ivOctets + espPlaintextLength(packet.length, alignment) + icvOctets;
  }

  /** Header, inner packet and trailer, each in its place. */
  #layOut(whole: Uint8Array, packet: Uint8Array, nextHeader: number, sequence: number): void {
    const { ivOctets, icvOctets } = this.#transform.shape;
    const start = ESP_HEADER_OCTETS + ivOctets;
    writeEspHeader(whole, this.spi, sequence);
    whole.set(packet, start);
    writeEspTrailer(whole.subarray(start, whole.length - icvOctets), packet.length, nextHeader);
  }
}

function nextHeaderOf(packet: Uint8Array): number | null {
  const version = packet.length === 0 ? 0 : packet[0]! >>> 4;
  return version === 4 ? EspNextHeader.IPV4 : version === 6 ? EspNextHeader.IPV6 : null;
}
