// The anti-replay window of one inbound SA: RFC 4303 section 3.4.3 and appendix A2, kept as the ring of RFC 6479.

import { Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';

export type Freshness = 'fresh' | 'replayed' | 'too-old';

const WORD_BITS = 32;
const TWO_32 = 2 ** 32;
const HEADER_OCTETS = 20;

/** A table in place of `1 << n`: no count is ever computed into a shift. */
const BIT = Uint32Array.from({ length: WORD_BITS }, (_, n) => 2 ** n);

/** Sequence numbers are JavaScript numbers up to 2^53; an SA is rekeyed long before. */
export class ReplayWindow {
  /** How many numbers the window spans, the highest included. */
  readonly size: number;
  /** One word more than the window needs, so that it may begin in the middle of a word. */
  readonly #ring: Uint32Array;
  #highest = 0;
  #floor = 0;

  constructor(size = 2048) {
    this.size = size;
    this.#ring = new Uint32Array(Math.ceil(size / WORD_BITS) + 1);
  }

  /** The highest number marked (or the floor, where that is higher). */
  get highest(): number {
    return this.#highest;
  }

  check(sequence: number): Freshness {
    if (sequence > this.#highest) return 'fresh';
    if (sequence <= this.#floor || sequence + this.size <= this.#highest) return 'too-old';
    return (this.#ring[this.#index(sequence)]! & BIT[sequence % WORD_BITS]!) === 0 ? 'fresh' : 'replayed';
  }

  /** Call only after the ICV proved right; a number that is too old leaves the window as it is. */
  mark(sequence: number): void {
    if (sequence > this.#highest) this.#slide(sequence);
    else if (sequence <= this.#floor || sequence + this.size <= this.#highest) return;
    this.#ring[this.#index(sequence)]! |= BIT[sequence % WORD_BITS]!;
  }

  /** How many of the numbers that the window spans have come. Nothing is known of what lies below the floor. */
  tally(): { readonly marked: number; readonly span: number } {
    const from = Math.max(this.#floor, this.#highest - this.size) + 1;
    let marked = 0;
    for (let sequence = from; sequence <= this.#highest; sequence++)
      if ((this.#ring[this.#index(sequence)]! & BIT[sequence % WORD_BITS]!) !== 0) marked++;
    return { marked, span: Math.max(0, this.#highest - from + 1) };
  }

  /** The whole number of a packet whose low 32 bits are `low`, for SAs with extended sequence numbers. */
  infer(low: number): number {
    return inferSequence(low, this.#highest, this.size);
  }

  /** From here on every number up to `floor` is too old: what came before a crash must not come again. */
  raise(floor: number): void {
    if (floor <= this.#floor) return;
    if (floor > this.#highest) this.#slide(floor);
    this.#floor = floor;
  }

  snapshot(): Uint8Array {
    const writer = new Writer(HEADER_OCTETS + this.#ring.byteLength);
    writer.u32(this.size);
    for (const number of [this.#highest, this.#floor]) {
      writer.u53(number);
    }
    for (const word of this.#ring) writer.u32(word);
    return writer.finish();
  }

  /** @returns false, and changes nothing, when the snapshot was taken from a window of another size. */
  restore(snapshot: Uint8Array): boolean {
    if (snapshot.length !== HEADER_OCTETS + this.#ring.byteLength) return false;
    const reader = new Reader(snapshot);
    if (reader.u32() !== this.size) return false;
    this.#highest = reader.u53();
    this.#floor = reader.u53();
    for (let word = 0; word < this.#ring.length; word++) this.#ring[word] = reader.u32();
    return true;
  }

  #index(sequence: number): number {
    return Math.floor(sequence / WORD_BITS) % this.#ring.length;
  }

  /** Makes `sequence` the highest number and clears the words that the ring reuses on the way. */
  #slide(sequence: number): void {
    const from = Math.floor(this.#highest / WORD_BITS);
    const words = Math.min(Math.floor(sequence / WORD_BITS) - from, this.#ring.length);
    for (let step = 1; step <= words; step++) this.#ring[(from + step) % this.#ring.length] = 0;
    this.#highest = sequence;
  }
}

/**
 * RFC 4303 appendix A2.2 with T = `highest` and W = `size`: the one number with these low 32 bits that lies in
 * [T-W+1, T-W+2^32]. The first subspace has none before it: until T has reached W-1, all of the first is meant.
 */
export function inferSequence(low: number, highest: number, size: number): number {
  const Tl = highest % TWO_32;
  const Th = (highest - Tl) / TWO_32;
  if (Tl >= size - 1) return (low >= Tl - size + 1 ? Th : Th + 1) * TWO_32 + low;
  if (Th === 0) return low;
  return (low >= Tl - size + 1 + TWO_32 ? Th - 1 : Th) * TWO_32 + low;
}
