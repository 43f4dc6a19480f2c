// The numbers that one outbound SA may still send: RFC 4303 section 3.3.3, within a mark that the shell has stored.

/**
 * Numbers are given out in order, each once, and never beyond `limit`: whoever comes after a crash begins behind it, so
 * no number, and with it no AEAD nonce, is used twice.
 */
export class SequenceBlock {
  #next: number;
  #limit: number;
  #from: number;

  /** @param next the first number to give out; @param limit the last one that is covered by the stored mark. */
  constructor(next: number, limit: number) {
    this.#next = next;
    this.#limit = limit;
    this.#from = next;
  }

  get next(): number {
    return this.#next;
  }

  get limit(): number {
    return this.#limit;
  }

  get available(): number {
    return Math.max(0, this.#limit - this.#next + 1);
  }

  /** @returns the first of `n` consecutive numbers, or null when the block does not hold so many. */
  take(n: number): number | null {
    if (n > this.available) return null;
    const first = this.#next;
    this.#next += n;
    return first;
  }

  /** True when at least `fraction` (0 to 1) of what there was after the last `extend` is used. */
  exhausted(fraction: number): boolean {
    return this.available <= (1 - fraction) * (this.#limit - this.#from + 1);
  }

  /** After a wake or a crash: everything up to the stored `limit` may have been used, and is given out no more. */
  resume(limit: number): void {
    if (limit < this.#limit) return;
    this.#limit = limit;
    this.#next = limit + 1;
    this.#from = this.#next;
  }

  /** Call only after `limit` has been stored. */
  extend(limit: number): void {
    if (limit <= this.#limit) return;
    this.#limit = limit;
    this.#from = this.#next;
  }
}
