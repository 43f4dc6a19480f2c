// A token bucket: an average rate, with bursts up to its size (RFC 4443 section 2.4 f asks for one).

export class TokenBucket {
  readonly #perMillisecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number | null = null;

  /** @param perSecond tokens that flow in; @param burst tokens that it holds, and starts with. */
  constructor(perSecond: number, burst: number) {
    this.#perMillisecond = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** @returns whether a token was there, and takes it. `now` is in ms; a clock that steps back adds nothing. */
  take(now: number): boolean {
    this.#filledAt ??= now;
    if (now > this.#filledAt) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMillisecond);
      this.#filledAt = now;
    }
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
