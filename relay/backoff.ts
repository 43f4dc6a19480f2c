// When to try the edge again: exponential backoff with jitter.

const FIRST = 100;
const SPREAD = 150;
const LONGEST = 30_000;
/** A connection that held for so long makes the next loss a first one. */
const STEADY = 5_000;

/**
 * The first retry falls between 100 and 250 ms, so that a restarted edge has its peers back within about a second; later ones
 * anywhere up to a bound that doubles, at most 30 s, so that many uplinks do not come back in step.
 * @param attempt 0 for the first retry.
 * @param random from 0 to 1.
 * @returns ms to wait.
 */
export function backoff(attempt: number, random: number): number {
  if (attempt === 0) return FIRST + random * SPREAD;
  const bound = Math.min(LONGEST, (FIRST + SPREAD) * 2 ** Math.min(attempt, 16));
  return FIRST + random * (bound - FIRST);
}

/** Counts the attempts of one connection. */
export class Retry {
  #attempt = 0;
  #openedAt: number | null = null;

  opened(now: number): void {
    this.#openedAt = now;
  }

  /** @returns ms to wait before the next attempt. */
  next(now: number, random: number): number {
    if (this.#openedAt !== null && now - this.#openedAt >= STEADY) this.#attempt = 0;
    this.#openedAt = null;
    return backoff(this.#attempt++, random);
  }
}
