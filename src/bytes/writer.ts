// A growing buffer, big endian. Lengths that are not known yet hold 0xffff until they are patched, so that a forgotten one is never read
// as something plausible.

const TWO_32 = 2 ** 32;

export class Writer {
  #octets: Uint8Array;
  #length = 0;

  /** @param capacity octets to start with; it doubles when they are used up. */
  constructor(capacity = 256) {
    this.#octets = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#octets[at] = value;
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#octets[at] = value >>> 8;
    this.#octets[at + 1] = value;
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#octets[at] = value >>> 24;
    this.#octets[at + 1] = value >>> 16;
    this.#octets[at + 2] = value >>> 8;
    this.#octets[at + 3] = value;
  }

  u64(value: bigint): void {
    this.u32(Number((value >> 32n) & 0xffffffffn));
    this.u32(Number(value & 0xffffffffn));
  }

  /** 64 bits for a number from 0 to 2^53, without its fraction. */
  u53(value: number): void {
    this.u32(Math.floor(value / TWO_32));
    this.u32(value % TWO_32);
  }

  octets(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#octets.set(value, at);
  }

  /** Leaves room for a 16-bit value. @returns the mark that patch16 wants. */
  reserve16(): number {
    const mark = this.#length;
    this.u16(0xffff);
    return mark;
  }

  /** @throws RangeError for a value that 16 bits do not hold: nothing that we emit is meant to be so long. */
  patch16(mark: number, value: number): void {
    if (value < 0 || value > 0xffff) throw new RangeError(`${value} does not fit 16 bits`);
    this.#octets[mark] = value >>> 8;
    this.#octets[mark + 1] = value;
  }

  /** @returns what was written, in a buffer of exactly that length: a view of a larger one would be stored whole. */
  finish(): Uint8Array {
    return this.#length === this.#octets.length ? this.#octets : this.#octets.slice(0, this.#length);
  }

  #grow(n: number): number {
    const at = this.#length;
    const length = at + n;
    if (length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(length, this.#octets.length * 2));
      larger.set(this.#octets);
      this.#octets = larger;
    }
    this.#length = length;
    return at;
  }
}
