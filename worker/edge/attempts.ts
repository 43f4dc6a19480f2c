// The last handshakes, kept for the tenant: a bounded ring in an object's own database.

import { TokenBucket } from '../../src/route/token-bucket.ts';
import type { AttemptEvidence, AttemptsPage } from './rpc.ts';

const KEPT = 256;
const PAGE = 100;
/** More than so many in a second are counted and not kept: who knocks in a loop shall not cost a write each time. */
const BURST = 32;
const PER_SECOND = 8;

export class AttemptRing {
  readonly #sql: SqlStorage;
  readonly #bucket = new TokenBucket(PER_SECOND, BURST);
  #dropped = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('CREATE TABLE IF NOT EXISTS attempt (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)');
  }

  add(attempt: Omit<AttemptEvidence, 'id'>, now: number): void {
    if (!this.#bucket.take(now)) {
      this.#dropped += 1;
      return;
    }
    const row = this.#sql
      .exec<{ id: number }>('INSERT INTO attempt (body) VALUES (?) RETURNING id', JSON.stringify(attempt))
      .one();
    this.#sql.exec('DELETE FROM attempt WHERE id <= ?', row.id - KEPT);
  }

  /** The youngest first, at most 100. */
  page(before: number | null, limit: number): AttemptsPage {
    const size = Math.max(1, Math.min(limit, PAGE));
    const rows = this.#sql
      .exec<{ id: number; body: string }>(
        'SELECT id, body FROM attempt WHERE id < ? ORDER BY id DESC LIMIT ?',
        before ?? Number.MAX_SAFE_INTEGER,
        size + 1,
      )
      .toArray();
    const attempts = rows
      .slice(0, size)
      .map(({ id, body }) => ({ ...(JSON.parse(body) as Omit<AttemptEvidence, 'id'>), id }));
    return { attempts, next: rows.length > size ? attempts.at(-1)!.id : null, dropped: this.#dropped };
  }
}
