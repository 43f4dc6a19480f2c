// What an uplink holds for the edge: until the end of the turn, until there is a connection, or until the edge gives credit again.
// Beyond that datagrams are dropped, so that inner TCP sees loss and not seconds of delay.

import type { RemotePath } from './paths.ts';

/** Sent and not yet credited by the edge. */
const CREDIT_OCTETS = 256 << 10;
/** Held while there is no connection. */
const QUEUE_OCTETS = 64 << 10;
/**
 * Held for want of credit, which is a pause and no overload yet: the edge hears what receiving relays give back when the sending one
 * pauses. One that lasts longer is overload.
 */
const PAUSE = { octets: 384 << 10, milliseconds: 100 } as const;

export class Outbox {
  /** Side by side with the datagrams. */
  readonly remotes: RemotePath[] = [];
  readonly datagrams: Uint8Array[] = [];
  #held = 0;
  #outstanding = 0;
  /** Since when the first datagram has waited for credit. */
  #pausedAt: number | null = null;

  /** Octets of the datagrams. */
  get held(): number {
    return this.#held;
  }

  /** How many of the datagrams, from the first, may be sent now. */
  get sendable(): number {
    let room = CREDIT_OCTETS - this.#outstanding;
    let count = 0;
    for (const { length } of this.datagrams) {
      room -= length;
      if (room < 0) break;
      count += 1;
    }
    return count;
  }

  /** Whether the first datagram waits for credit. */
  get pauses(): boolean {
    const first = this.datagrams[0];
    return first !== undefined && this.#outstanding + first.length > CREDIT_OCTETS;
  }

  /** @returns why it was dropped, or null. */
  put(remote: RemotePath, octets: Uint8Array, connected: boolean, now: number): 'no-credit' | 'queue-full' | null {
    const room = connected ? CREDIT_OCTETS - this.#outstanding : 0;
    const excess = this.#held + octets.length - room;
    if (!connected && excess > QUEUE_OCTETS) return 'queue-full';
    if (connected && excess > 0 && !this.#mayWait(excess, now)) return 'no-credit';
    this.remotes.push(remote);
    // What waits long has octets of its own: a view would keep the whole batch that it came with.
    this.datagrams.push(excess > 0 ? octets.slice() : octets);
    this.#held += octets.length;
    return null;
  }

  /** A new connection: nothing is outstanding. */
  connected(): void {
    this.#outstanding = 0;
    this.#pausedAt = null;
  }

  credited(octets: number): void {
    this.#outstanding = Math.max(0, this.#outstanding - octets);
  }

  /** So many datagrams, from the first, have been sent. @returns their octets. */
  sent(count: number): number {
    let octets = 0;
    for (let i = 0; i < count; i++) octets += this.datagrams[i]!.length;
    this.remotes.splice(0, count);
    this.datagrams.splice(0, count);
    this.#held -= octets;
    this.#outstanding += octets;
    if (count > 0) this.#pausedAt = null;
    return octets;
  }

  /** Everything has been given up. */
  clear(): void {
    this.remotes.length = 0;
    this.datagrams.length = 0;
    this.#held = 0;
    this.#pausedAt = null;
  }

  #mayWait(excess: number, now: number): boolean {
    this.#pausedAt ??= now;
    return excess <= PAUSE.octets && now - this.#pausedAt <= PAUSE.milliseconds;
  }
}
