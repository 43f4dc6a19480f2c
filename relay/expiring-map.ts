// A bounded map whose entries live for a fixed time: what a relay may remember for strangers.

interface Entry<V> {
  readonly value: V;
  readonly until: number;
}

/** Times in ms. `now` must not run backwards: the order of insertion is then the order of expiry. */
export class ExpiringMap<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #limit: number;
  readonly #lifetime: number;

  constructor(limit: number, lifetime: number) {
    this.#limit = limit;
    this.#lifetime = lifetime;
  }

  /** At the limit the oldest entry makes room. */
  set(key: K, value: V, now: number): void {
    this.#entries.delete(key);
    this.#sweep(now);
    if (this.#entries.size >= this.#limit) this.#dropOldest();
    this.#entries.set(key, { value, until: now + this.#lifetime });
  }

  get(key: K, now: number): V | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.until <= now ? undefined : entry.value;
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  /** How many live at `now`. */
  count(now: number): number {
    this.#sweep(now);
    return this.#entries.size;
  }

  #sweep(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.until > now) return;
      this.#entries.delete(key);
    }
  }

  #dropOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
