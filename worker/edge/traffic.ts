// What the members of a network have carried: minutes for a day, hours for a month, of each member and of all together.

import type { Carried, Totals as Sum, TrafficPoint } from './rpc.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const KEPT_MS = { [MINUTE_MS]: 24 * HOUR_MS, [HOUR_MS]: 30 * 24 * HOUR_MS } as const;

/** Of each member, with the one that is there. */
const CONNECTIONS = 4;

/** Stands for all members together. */
const ALL = '';

type Totals = { octets_in: number; octets_out: number };
type Packets = { packets_in: number; packets_out: number };

export class TrafficLedger {
  readonly #sql: SqlStorage;
  #pruned = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS traffic (member TEXT NOT NULL, span INTEGER NOT NULL, at INTEGER NOT NULL,
        octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL, PRIMARY KEY (member, span, at)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS traffic_age ON traffic (span, at);
      DROP TABLE IF EXISTS traffic_told;
      DROP TABLE IF EXISTS packets_told;
      CREATE TABLE IF NOT EXISTS carried (member TEXT NOT NULL, route INTEGER NOT NULL, at INTEGER NOT NULL,
        octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL, packets_in INTEGER NOT NULL, packets_out INTEGER NOT NULL,
        PRIMARY KEY (member, route)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS traffic_sum (one INTEGER PRIMARY KEY CHECK (one = 1), octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL,
        packets_in INTEGER NOT NULL, packets_out INTEGER NOT NULL);
      INSERT OR IGNORE INTO traffic_sum VALUES (1, 0, 0, 0, 0);
    `);
  }

  /** @param carried counters of the connection on that route, which only grow. @returns what is new, null when nothing is. */
  add(member: string, route: number, carried: Carried, now: number): Omit<TrafficPoint, 'at'> | null {
    const { octetsIn, octetsOut, packetsIn, packetsOut } = this.#fresh(member, route, carried);
    if (octetsIn + octetsOut === 0) return null;
    for (const who of [member, ALL]) {
      for (const span of [MINUTE_MS, HOUR_MS]) this.#count(who, span, carried.at, octetsIn, octetsOut);
    }
    this.#sql.exec(
      `UPDATE traffic_sum SET octets_in = octets_in + ?, octets_out = octets_out + ?,
         packets_in = packets_in + ?, packets_out = packets_out + ?`,
      octetsIn,
      octetsOut,
      packetsIn,
      packetsOut,
    );
    this.#prune(now);
    return { octetsIn, octetsOut };
  }

  /** Of all members, since it is counted. */
  get sum(): Sum {
    const row = this.#sql.exec<Totals & Packets>('SELECT * FROM traffic_sum').one();
    const { octets_in: octetsIn, octets_out: octetsOut, packets_in: packetsIn, packets_out: packetsOut } = row;
    return { octetsIn, octetsOut, packetsIn, packetsOut };
  }

  /** Buckets in which something was carried, the oldest first. @param member null for all. */
  series(member: string | null, span: 'minute' | 'hour', since: number): TrafficPoint[] {
    return this.#sql
      .exec<Totals & { at: number }>(
        'SELECT at, octets_in, octets_out FROM traffic WHERE member = ? AND span = ? AND at >= ? ORDER BY at',
        member ?? ALL,
        span === 'minute' ? MINUTE_MS : HOUR_MS,
        since,
      )
      .toArray()
      .map(({ at, octets_in: octetsIn, octets_out: octetsOut }) => ({ at, octetsIn, octetsOut }));
  }

  /**
   * What is new since the connection was told of last. Its object may have lost the last moment or, in a crash, all that it had counted:
   * what goes back counts for nothing, and what comes after that counts from there.
   */
  #fresh(member: string, route: number, carried: Carried): Sum {
    const told = this.#sql
      .exec<Totals & Packets>('SELECT * FROM carried WHERE member = ? AND route = ?', member, route)
      .toArray()[0];
    const { at, octetsIn, octetsOut, packetsIn, packetsOut } = carried;
    this.#sql.exec(
      'INSERT OR REPLACE INTO carried (member, route, at, octets_in, octets_out, packets_in, packets_out) VALUES (?, ?, ?, ?, ?, ?, ?)',
      member,
      route,
      at,
      octetsIn,
      octetsOut,
      packetsIn,
      packetsOut,
    );
    if (!told) this.#forget(member);
    return {
      octetsIn: Math.max(0, octetsIn - (told?.octets_in ?? 0)),
      octetsOut: Math.max(0, octetsOut - (told?.octets_out ?? 0)),
      packetsIn: Math.max(0, packetsIn - (told?.packets_in ?? 0)),
      packetsOut: Math.max(0, packetsOut - (told?.packets_out ?? 0)),
    };
  }

  /** Connections that have been replaced, but for the last ones: word of their end may come late. */
  #forget(member: string): void {
    this.#sql.exec(
      `DELETE FROM carried WHERE member = ?1 AND route NOT IN
         (SELECT route FROM carried WHERE member = ?1 ORDER BY at DESC LIMIT ${CONNECTIONS})`,
      member,
    );
  }

  #count(member: string, span: number, at: number, octetsIn: number, octetsOut: number): void {
    this.#sql.exec(
      `INSERT INTO traffic (member, span, at, octets_in, octets_out) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT DO UPDATE SET octets_in = octets_in + ?4, octets_out = octets_out + ?5`,
      member,
      span,
      Math.floor(at / span) * span,
      octetsIn,
      octetsOut,
    );
  }

  #prune(now: number): void {
    if (now - this.#pruned < HOUR_MS) return;
    this.#pruned = now;
    for (const [span, kept] of Object.entries(KEPT_MS)) {
      this.#sql.exec('DELETE FROM traffic WHERE span = ? AND at < ?', Number(span), now - kept);
    }
  }
}
