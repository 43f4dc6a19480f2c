// How far ahead the inbound numbers of a child SA are covered by what is stored, and how far they shall be the next time.

/**
 * Small, because after a crash the peer's packets up to the mark are lost until the rekey; and twice as large for a peer that has used up
 * the last one within seconds, because each is a write.
 */
export const INBOUND_BLOCK = { least: 4_096, most: 65_536 } as const;
/** From one grant to the next: a block that lasts less is too small, one that lasts longer too large. */
const LASTING_MS = { least: 8_000, most: 60_000 } as const;

export class InboundReserve {
  /** Numbers up to here are covered: after a crash they are all refused. */
  #mark = 0;
  /** Of the next mark. */
  #block: number = INBOUND_BLOCK.least;
  /** Beyond this number another mark is due. */
  #half = -1;
  #grantedAt = Number.NEGATIVE_INFINITY;

  /** @param highest number that was accepted. @returns true when half of the block is used. */
  isDue(highest: number): boolean {
    return highest > this.#half;
  }

  /** @returns true when numbers have been accepted that no stored mark covers. */
  isOverdrawn(highest: number): boolean {
    return highest > this.#mark;
  }

  /** @returns the mark to be stored: a new one if that is due. */
  next(highest: number): number {
    return this.isDue(highest) ? highest + this.#block : this.#mark;
  }

  /** The mark has been stored. @param now ms. */
  grant(mark: number, now: number): void {
    if (mark <= this.#mark) return;
    const lasted = now - this.#grantedAt;
    this.#mark = mark;
    this.#half = mark - this.#block / 2;
    this.#grantedAt = now;
    if (lasted < LASTING_MS.least) this.#block = Math.min(this.#block * 2, INBOUND_BLOCK.most);
    else if (lasted > LASTING_MS.most) this.#block = Math.max(this.#block / 2, INBOUND_BLOCK.least);
  }

  /** Takes up a mark that was stored before. */
  resume(mark: number): void {
    this.#mark = mark;
    this.#half = mark - this.#block / 2;
  }
}
