// What happened last, kept for the tenant: a bounded ring in an object's own database.

import { TokenBucket } from '../../src/route/token-bucket.ts';

const KEPT = 256;
const PAGE = 100;
/** More than so many in a second are counted and not kept: who knocks in a loop shall not cost a write each time. */
const BURST = 32;
const PER_SECOND = 8;

export interface RingPage<T> {
  readonly rows: readonly (T & { readonly id: number })[];
  /** Give it as `before` to go on; null at the end. */
  readonly next: number | null;
  readonly dropped: number;
}

export class Ring<T extends object> {
  readonly #sql: SqlStorage;
  readonly #table: string;
  readonly #bucket = new TokenBucket(PER_SECOND, BURST);
  #dropped = 0;

  /** @param table a name of our own, never of anybody's. */
  constructor(sql: SqlStorage, table: 'attempt' | 'departure') {
    this.#sql = sql;
    this.#table = table;
    sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)`);
  }

  /** @returns false when it was counted only. */
  add(body: T, now: number): boolean {
    if (!this.#bucket.take(now)) {
      this.#dropped += 1;
      return false;
    }
    const { id } = this.#sql
      .exec<{ id: number }>(`INSERT INTO ${this.#table} (body) VALUES (?) RETURNING id`, JSON.stringify(body))
      .one();
    this.#sql.exec(`DELETE FROM ${this.#table} WHERE id <= ?`, id - KEPT);
    return true;
  }

  /** The youngest first, at most 100. */
  page(before: number | null = null, limit = PAGE): RingPage<T> {
    const size = Math.max(1, Math.min(limit, PAGE));
    const rows = this.#read(before, size + 1);
    const page = rows.slice(0, size);
    return { rows: page, next: rows.length > size ? page.at(-1)!.id : null, dropped: this.#dropped };
  }

  /** All that is kept and fits, the youngest first. */
  matching(fits: (body: T) => boolean): (T & { readonly id: number })[] {
    return this.#read(null, KEPT).filter(fits);
  }

  #read(before: number | null, limit: number): (T & { readonly id: number })[] {
    return this.#sql
      .exec<{ id: number; body: string }>(
        `SELECT id, body FROM ${this.#table} WHERE id < ? ORDER BY id DESC LIMIT ?`,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .toArray()
      .map(({ id, body }) => ({ ...(JSON.parse(body) as T), id }));
  }
}
