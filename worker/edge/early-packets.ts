// Packets on a child SA that the peer has and we have not: they have overtaken the answer that makes it (RFC 7296 section 2.8: whoever answers
// a rekey may send on the new SA at once), and wait for it.

import { espSpi } from '../../src/wire/esp.ts';
import type { Datagram } from '../../src/wire/path.ts';

/** What comes beyond it is dropped for its unknown SPI. */
const MOST = 64;

export class EarlyPackets {
  #waiting: Datagram[] = [];

  /** Keeps those that are early. @param awaited the SPI of the child; null for none. @returns the others. */
  sort(datagrams: readonly Datagram[], awaited: number | null): readonly Datagram[] {
    if (awaited === null) return datagrams;
    return datagrams.filter((datagram) => {
      const early = espSpi(datagram.octets) === awaited && this.#waiting.length < MOST;
      if (early) this.#waiting.push(datagram);
      return !early;
    });
  }

  /** @returns those that wait no longer: the answer is there, whatever it says. */
  release(awaited: number | null): readonly Datagram[] {
    if (this.#waiting.length === 0) return this.#waiting;
    const waiting = this.#waiting;
    this.#waiting = [];
    return this.sort(waiting, awaited);
  }
}
