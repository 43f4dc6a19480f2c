// When the network object is told how a peer is doing and what it has carried: with the first traffic of each minute. That takes no
// timer, and an object that has slept in between goes on where it was, because what it goes by is kept.

import type { Carried } from './rpc.ts';

const MINUTE_MS = 60_000;

export class Minute {
  #toldAt = 0;
  #before: Carried | null = null;

  /** @param toldAt when the network was last told, or might have been, ms. */
  wake(toldAt: number): void {
    this.#toldAt = toldAt;
  }

  /** Called before anything of what has come is counted. */
  begin(peer: { readonly carried: Carried }, now: number): void {
    if (Math.floor(now / MINUTE_MS) <= Math.floor(this.#toldAt / MINUTE_MS)) return;
    this.#toldAt = now;
    this.#before = peer.carried;
  }

  /** Called when it has been counted. @returns what had been carried before this minute, once; null when nothing is to be told. */
  take(): Carried | null {
    const before = this.#before;
    this.#before = null;
    return before;
  }
}
