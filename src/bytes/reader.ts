// A bounds-checked cursor over octets, big endian. Every read that would leave its bounds throws Malformed.

import { Malformed } from './malformed.ts';

const TWO_32 = 2 ** 32;

export class Reader {
  readonly #octets: Uint8Array;
  readonly #end: number;
  #at: number;

  /** Reads `octets[offset..end)`; the bounds are cut to the octets that are there. */
  constructor(octets: Uint8Array, offset = 0, end = octets.length) {
    this.#octets = octets;
    this.#end = Math.min(end, octets.length);
    this.#at = Math.min(offset, this.#end);
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  /** Where the next read starts, counted from the start of the octets that the outermost reader was given. */
  get offset(): number {
    return this.#at;
  }

  u8(): number {
    return this.#octets[this.#advance(1)]!;
  }

  u16(): number {
    const at = this.#advance(2);
    return (this.#octets[at]! << 8) | this.#octets[at + 1]!;
  }

  u24(): number {
    const at = this.#advance(3);
    return (this.#octets[at]! << 16) | (this.#octets[at + 1]! << 8) | this.#octets[at + 2]!;
  }

  u32(): number {
    const at = this.#advance(4);
    const o = this.#octets;
    return ((o[at]! << 24) | (o[at + 1]! << 16) | (o[at + 2]! << 8) | o[at + 3]!) >>> 0;
  }

  u64(): bigint {
    const high = this.u32();
    return (BigInt(high) << 32n) | BigInt(this.u32());
  }

  /** 64 bits, exact up to 2^53. */
  u53(): number {
    return this.u32() * TWO_32 + this.u32();
  }

  /** @returns a view of the next n octets, not a copy. */
  take(n: number): Uint8Array {
    const at = this.#advance(n);
    return this.#octets.subarray(at, at + n);
  }

  /** @returns a reader of the next n octets, which this one skips. */
  sub(n: number): Reader {
    const at = this.#advance(n);
    return new Reader(this.#octets, at, at + n);
  }

  /** @returns a view of all that is left. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** @param what has been read, for the message. */
  expectEmpty(what: string): void {
    if (this.remaining > 0) throw new Malformed(`${this.remaining} octets follow ${what}`);
  }

  #advance(n: number): number {
    const at = this.#at;
    if (n < 0 || n > this.#end - at) throw new Malformed(`${n} octets wanted, ${this.#end - at} left`);
    this.#at = at + n;
    return at;
  }
}
