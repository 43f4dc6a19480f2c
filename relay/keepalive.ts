// Keepalives that the gateway's side owes because it stands behind a NAT (RFC 3948 section 4): a timer wheel of one-second slots.

const SLOTS = 128;

interface Owed<T> {
  readonly what: T;
  readonly seconds: number;
  /** Turns of the whole wheel left before it is due. */
  rounds: number;
  slot: number;
}

export class KeepaliveWheel<T> {
  readonly #slots: Set<Owed<T>>[] = Array.from({ length: SLOTS }, () => new Set());
  readonly #owed = new Map<T, Owed<T>>();
  #at = 0;

  /** Owes one every so many seconds from now on; 0 stops. */
  set(what: T, seconds: number): void {
    const before = this.#owed.get(what);
    if (before !== undefined) {
      if (before.seconds === seconds) return;
      this.stop(what);
    }
    if (seconds === 0) return;
    const owed = { what, seconds, rounds: 0, slot: 0 };
    this.#owed.set(what, owed);
    this.#schedule(owed, seconds);
  }

  stop(what: T): void {
    const owed = this.#owed.get(what);
    if (owed === undefined) return;
    this.#slots[owed.slot]!.delete(owed);
    this.#owed.delete(what);
  }

  get size(): number {
    return this.#owed.size;
  }

  /**
   * One second has passed: calls `send` with everything that is due.
   * @param quiet how many seconds nothing has been sent to it: what was sent to lately is owed that much later.
   */
  tick(quiet: (what: T) => number, send: (what: T) => void): void {
    this.#at = (this.#at + 1) % SLOTS;
    for (const owed of [...this.#slots[this.#at]!]) {
      if (owed.rounds > 0) {
        owed.rounds -= 1;
        continue;
      }
      this.#slots[this.#at]!.delete(owed);
      const left = owed.seconds - Math.floor(quiet(owed.what));
      if (left <= 0) send(owed.what);
      this.#schedule(owed, left <= 0 ? owed.seconds : left);
    }
  }

  #schedule(owed: Owed<T>, seconds: number): void {
    owed.slot = (this.#at + seconds) % SLOTS;
    owed.rounds = Math.floor((seconds - 1) / SLOTS);
    this.#slots[owed.slot]!.add(owed);
  }
}
