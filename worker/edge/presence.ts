// When each member of a network was there: the first time, the last time, and why it went.

import type { Presence } from './rpc.ts';

type Row = { member: string; first: number; joined: number; gone: number | null; reason: string; times: number };

export class PresenceBook {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS presence (member TEXT PRIMARY KEY, first INTEGER NOT NULL, joined INTEGER NOT NULL,
      gone INTEGER, reason TEXT NOT NULL, times INTEGER NOT NULL)`);
  }

  joined(member: string, now: number): void {
    this.#sql.exec(
      `INSERT INTO presence (member, first, joined, gone, reason, times) VALUES (?1, ?2, ?2, NULL, '', 1)
       ON CONFLICT DO UPDATE SET joined = ?2, gone = NULL, reason = '', times = times + 1`,
      member,
      now,
    );
  }

  left(member: string, reason: string, now: number): void {
    this.#sql.exec('UPDATE presence SET gone = ?, reason = ? WHERE member = ?', now, reason, member);
  }

  of(members: readonly string[]): Presence[] {
    return this.#sql
      .exec<Row>('SELECT * FROM presence WHERE member IN (SELECT value FROM json_each(?))', JSON.stringify(members))
      .toArray()
      .map(({ member, first, joined, gone, reason, times }) => ({ member, first, joined, left: gone, reason, times }));
  }
}
