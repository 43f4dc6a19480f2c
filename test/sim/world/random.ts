// The one source of chance in a world: sfc32 from a seed, so that a failure can be played again.

import type { Primitives } from '../../../src/crypto/primitives.ts';

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = 0x9e3779b9 ^ seed;
    this.#b = 0x243f6a88 + Math.imul(seed, 0x85ebca6b);
    this.#c = 0xb7e15162 ^ (seed >>> 16);
    for (let i = 0; i < 16; i++) this.u32();
  }

  u32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 up to, and without, `n`. */
  below(n: number): number {
    return Math.floor((this.u32() / 2 ** 32) * n);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.u32() / 2 ** 32 < probability;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  octets(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.u32() & 0xff);
  }
}

/** The same primitives with all their own chance taken from the seed. */
export function seeded(primitives: Primitives, random: Random): Primitives {
  return { ...primitives, random: (length) => random.octets(length) };
}
