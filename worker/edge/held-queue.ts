// Inner packets that wait for something for a moment: few, and not for long.

const OCTETS = 64 * 1024;
const PATIENCE_MS = 5_000;

export class HeldQueue {
  #packets: { readonly packet: Uint8Array; readonly at: number }[] = [];
  #octets = 0;

  get empty(): boolean {
    return this.#packets.length === 0;
  }

  /** @returns how many found no room. */
  hold(packets: readonly Uint8Array[], now: number): number {
    if (this.#packets.length > 0 && now - this.#packets[0]!.at > PATIENCE_MS) this.take(now);
    let refused = 0;
    for (const packet of packets) {
      if (this.#octets + packet.length > OCTETS) {
        refused += 1;
        continue;
      }
      this.#packets.push({ packet, at: now });
      this.#octets += packet.length;
    }
    return refused;
  }

  /** Takes everything out. @returns what has not waited too long. */
  take(now: number): Uint8Array[] {
    const packets = this.#packets;
    this.#packets = [];
    this.#octets = 0;
    return packets.filter(({ at }) => now - at <= PATIENCE_MS).map(({ packet }) => packet);
  }
}
