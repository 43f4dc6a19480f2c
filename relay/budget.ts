// What strangers may cost, each source by itself.

import { TokenBucket } from '../src/route/token-bucket.ts';

/** `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export function bucketOf(rate: Rate): TokenBucket {
  return new TokenBucket(rate.perSecond, rate.burst);
}

/** One bucket per source, for at most `limit` sources: the one unheard of for longest is forgotten first. */
export class SourceBudget {
  readonly #rate: Rate;
  readonly #limit: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate, limit: number) {
    this.#rate = rate;
    this.#limit = limit;
  }

  /** `source` as sourceOf makes it; `now` in ms. */
  take(source: string, now: number): boolean {
    let bucket = this.#buckets.get(source);
    if (bucket === undefined) {
      bucket = bucketOf(this.#rate);
      this.#makeRoom();
    } else {
      this.#buckets.delete(source);
    }
    this.#buckets.set(source, bucket);
    return bucket.take(now);
  }

  get size(): number {
    return this.#buckets.size;
  }

  #makeRoom(): void {
    if (this.#buckets.size < this.#limit) return;
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}

/** Whose budget an address draws on: an IPv4 host, or the /64 of an IPv6 one, which is what a single host commonly holds. */
export function sourceOf(address: Uint8Array): string {
  return String.fromCharCode(...address.subarray(0, address.length === 4 ? 4 : 8));
}
