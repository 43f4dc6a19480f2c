// The receiving end of a child SA: RFC 4303 section 3.4.

import type { Primitives } from '../crypto/primitives.ts';
import { ESP_HEADER_OCTETS, espSequence, espSpi } from '../wire/esp.ts';
import type { EspDrop } from './drop.ts';
import { innerPacket } from './inner.ts';
import type { EspParameters } from './parameters.ts';
import type { ReplayWindow } from './replay-window.ts';
import { espTransform } from './suite-table.ts';
import type { EspTransform } from './transform.ts';

export interface Inner {
  /** A view, without padding. */
  readonly packet: Uint8Array;
  /** The whole sequence number, with the high bits that were not sent. */
  readonly sequence: number;
}

type Opening = ReturnType<EspTransform['open']>;

export class InboundSa {
  readonly spi: number;
  readonly window: ReplayWindow;
  readonly #esn: boolean;
  readonly #transform: EspTransform;

  /** @throws RangeError for a suite that is never chosen. */
  constructor(primitives: Primitives, parameters: EspParameters, window: ReplayWindow) {
    this.spi = parameters.spi;
    this.window = window;
    this.#esn = parameters.suite.esn;
    this.#transform = espTransform(primitives, parameters);
  }

  /**
   * Opens ESP packets, each as it came out of its datagram; their octets must not change before the promise settles.
   * All are begun before the first is waited for, so the window is looked at twice: what has passed once may have been
   * marked by another copy in the meantime.
   * @returns for each packet, in their order, what was inside or why it is dropped.
   */
  async open(packets: readonly Uint8Array[]): Promise<(Inner | EspDrop)[]> {
    const sequences: number[] = [];
    const openings: (Opening | EspDrop)[] = [];
    for (const packet of packets) {
      const sequence = this.#sequenceOf(packet);
      sequences.push(sequence);
      openings.push(this.#refusal(packet, sequence) ?? this.#transform.open(packet, sequence));
    }
    const opened = await Promise.all(openings);
    return opened.map((plaintext, i) =>
      typeof plaintext === 'string' ? plaintext : this.#concluded(plaintext, sequences[i]!),
    );
  }

  #sequenceOf(packet: Uint8Array): number {
    if (packet.length < ESP_HEADER_OCTETS) return 0;
    const low = espSequence(packet);
    return this.#esn ? this.window.infer(low) : low;
  }

  #refusal(packet: Uint8Array, sequence: number): EspDrop | null {
    const { ivOctets, alignment, icvOctets } = this.#transform.shape;
    const ciphertext = packet.length - ESP_HEADER_OCTETS - ivOctets - icvOctets;
    if (ciphertext < alignment || ciphertext % alignment !== 0) return 'malformed';
    if (espSpi(packet) !== this.spi) return 'wrong-spi';
    const freshness = this.window.check(sequence);
    return freshness === 'fresh' ? null : freshness;
  }

  #concluded(plaintext: Uint8Array | null, sequence: number): Inner | EspDrop {
    if (plaintext === null) return 'wrong-icv';
    const freshness = this.window.check(sequence);
    if (freshness !== 'fresh') return freshness;
    this.window.mark(sequence);
    const packet = innerPacket(plaintext);
    return typeof packet === 'string' ? packet : { packet, sequence };
  }
}
