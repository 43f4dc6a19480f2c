// The last handshakes, kept for the tenant: a bounded ring in an object's own database.

import type { Attempt } from '../../src/peer/output.ts';

const KEPT = 256;
const PAGE = 100;
/** More than so many in a second are counted and not kept: who knocks in a loop shall not cost a write each time. */
const BURST = 32;
const PER_SECOND = 8;

/** An attempt as JSON carries it. */
export interface AttemptRow extends Omit<Attempt, 'path'> {
  readonly id: number;
  readonly path: string;
}

export interface AttemptPage {
  readonly attempts: readonly AttemptRow[];
  /** Give it as `before` to go on; null at the end. */
  readonly next: number | null;
  /** Not kept since this object woke, because too many came at once. */
  readonly dropped: number;
}

export class AttemptRing {
  readonly #sql: SqlStorage;
  #tokens = BURST;
  #filledAt = 0;
  #dropped = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('CREATE TABLE IF NOT EXISTS attempt (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)');
  }

  /** @param path as text. */
  add(attempt: Omit<AttemptRow, 'id'>, now: number): void {
    if (!this.#admit(now)) {
      this.#dropped += 1;
      return;
    }
    const row = this.#sql.exec<{ id: number }>('INSERT INTO attempt (body) VALUES (?) RETURNING id', JSON.stringify(attempt)).one();
    this.#sql.exec('DELETE FROM attempt WHERE id <= ?', row.id - KEPT);
  }

  /** The youngest first, at most 100. */
  page(before: number | null, limit: number): AttemptPage {
    const size = Math.max(1, Math.min(limit, PAGE));
    const rows = this.#sql
      .exec<{ id: number; body: string }>(
        'SELECT id, body FROM attempt WHERE id < ? ORDER BY id DESC LIMIT ?',
        before ?? Number.MAX_SAFE_INTEGER,
        size + 1,
      )
      .toArray();
    const attempts = rows.slice(0, size).map(({ id, body }) => ({ ...(JSON.parse(body) as Omit<AttemptRow, 'id'>), id }));
    return { attempts, next: rows.length > size ? attempts.at(-1)!.id : null, dropped: this.#dropped };
  }

  #admit(now: number): boolean {
    this.#tokens = Math.min(BURST, this.#tokens + (Math.max(0, now - this.#filledAt) / 1000) * PER_SECOND);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
