// What the members of a network have carried: minutes for a day, hours for a month, of each member and of all together.

import type { Carried, Totals as Sum, TrafficPoint } from './rpc.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const KEPT_MS = { [MINUTE_MS]: 24 * HOUR_MS, [HOUR_MS]: 30 * 24 * HOUR_MS } as const;

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
      CREATE TABLE IF NOT EXISTS traffic_told (member TEXT PRIMARY KEY, route INTEGER NOT NULL,
        octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS packets_told (member TEXT PRIMARY KEY, route INTEGER NOT NULL,
        packets_in INTEGER NOT NULL, packets_out INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS traffic_sum (one INTEGER PRIMARY KEY CHECK (one = 1), octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL,
        packets_in INTEGER NOT NULL, packets_out INTEGER NOT NULL);
      INSERT OR IGNORE INTO traffic_sum VALUES (1, 0, 0, 0, 0);
    `);
  }

  /** @param carried counters of the connection on that route, which only grow. @returns what is new, null when nothing is. */
  add(member: string, route: number, carried: Carried, now: number): Omit<TrafficPoint, 'at'> | null {
    const told = this.#sql
      .exec<Totals>('SELECT octets_in, octets_out FROM traffic_told WHERE member = ? AND route = ?', member, route)
      .toArray()[0];
    // Counters that went back began anew.
    const goesOn = told && told.octets_in <= carried.octetsIn && told.octets_out <= carried.octetsOut;
    const octetsIn = carried.octetsIn - (goesOn ? told.octets_in : 0);
    const octetsOut = carried.octetsOut - (goesOn ? told.octets_out : 0);
    if (octetsIn + octetsOut === 0) return null;
    this.#sql.exec(
      'INSERT OR REPLACE INTO traffic_told (member, route, octets_in, octets_out) VALUES (?, ?, ?, ?)',
      member,
      route,
      carried.octetsIn,
      carried.octetsOut,
    );
    for (const who of [member, ALL]) {
      for (const span of [MINUTE_MS, HOUR_MS]) this.#count(who, span, carried.at, octetsIn, octetsOut);
    }
    const { packetsIn, packetsOut } = this.#packets(member, route, carried);
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

  /** What is new, as with octets. */
  #packets(member: string, route: number, { packetsIn = 0, packetsOut = 0 }: Carried) {
    const told = this.#sql
      .exec<Packets>('SELECT packets_in, packets_out FROM packets_told WHERE member = ? AND route = ?', member, route)
      .toArray()[0];
    const goesOn = told && told.packets_in <= packetsIn && told.packets_out <= packetsOut;
    this.#sql.exec(
      'INSERT OR REPLACE INTO packets_told (member, route, packets_in, packets_out) VALUES (?, ?, ?, ?)',
      member,
      route,
      packetsIn,
      packetsOut,
    );
    return {
      packetsIn: packetsIn - (goesOn ? told.packets_in : 0),
      packetsOut: packetsOut - (goesOn ? told.packets_out : 0),
    };
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
