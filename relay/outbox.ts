// What an uplink holds for the edge: until the end of the turn while there is a connection, longer but less while there is none.
// Beyond either bound datagrams are dropped, so that inner TCP sees loss and not seconds of delay.

import type { RemotePath } from './paths.ts';

/** Sent and not yet credited by the edge. */
const CREDIT_OCTETS = 256 << 10;
/** Held while there is no connection. */
const QUEUE_OCTETS = 64 << 10;

export class Outbox {
  /** Side by side with the datagrams. */
  readonly remotes: RemotePath[] = [];
  readonly datagrams: Uint8Array[] = [];
  #held = 0;
  #outstanding = 0;

  /** Octets of the datagrams. */
  get held(): number {
    return this.#held;
  }

  /** @returns why it was dropped, or null. */
  put(remote: RemotePath, octets: Uint8Array, connected: boolean): 'no-credit' | 'queue-full' | null {
    const { length } = octets;
    if (connected) {
      if (this.#outstanding + length > CREDIT_OCTETS) return 'no-credit';
      this.#outstanding += length;
    } else if (this.#held + length > QUEUE_OCTETS) {
      return 'queue-full';
    }
    this.remotes.push(remote);
    // What waits long has octets of its own: a view would keep the whole batch that it came with.
    this.datagrams.push(connected ? octets : octets.slice());
    this.#held += length;
    return null;
  }

  /** A new connection: nothing is outstanding but what is held. */
  connected(): void {
    this.#outstanding = this.#held;
  }

  credited(octets: number): void {
    this.#outstanding = Math.max(0, this.#outstanding - octets);
  }

  /** Everything has been sent, or given up. @returns octets. */
  clear(): number {
    const held = this.#held;
    this.remotes.length = 0;
    this.datagrams.length = 0;
    this.#held = 0;
    return held;
  }
}
