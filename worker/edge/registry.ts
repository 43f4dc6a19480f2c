// The registry of a network object: connected members in its own SQLite, and the route table made of them and of what is on record.

import { RouteTable } from '../../src/route/network.ts';
import { formatPrefix, parsePrefix } from '../../src/wire/prefix.ts';
import type { Prefix } from '../../src/wire/prefix.ts';
import type { Joining } from './network-object.ts';
import type { PeerReport } from './rpc.ts';
import type { StaticRoute } from './static-routes.ts';

export interface LiveMember {
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly route: number;
  readonly since: number;
  readonly prefixes: readonly Prefix[];
  /** What its object said last of how it is doing. */
  readonly told: Told | null;
}

export interface Told {
  /** ms. */
  readonly at: number;
  readonly report: PeerReport;
}

/** What is held in memory. */
export type Connected = Omit<LiveMember, 'told'>;

/** Why a member is let in no more; each is a table too. */
export type Bar = 'revoked' | 'suspended';

/** A handshake that began before it was barred has ended by then. */
const TOMBSTONE_MS = 24 * 3_600_000;

type Row = {
  member: string;
  name: string;
  kind: string;
  route: number;
  since: number;
  prefixes: string;
  at: number | null;
  report: string | null;
};

const SELECT = 'SELECT live.*, told.at, told.report FROM live LEFT JOIN told ON told.member = live.member';

export class Registry {
  readonly #sql: SqlStorage;
  readonly #live = new Map<string, Connected>();
  #static: readonly StaticRoute[] | null = null;
  #table: RouteTable | null = null;
  #network = '';

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS live (member TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, route INTEGER NOT NULL,
        since INTEGER NOT NULL, prefixes TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS told (member TEXT PRIMARY KEY, at INTEGER NOT NULL, report TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS revoked (member TEXT PRIMARY KEY, at INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS suspended (member TEXT PRIMARY KEY, at INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS network (id TEXT PRIMARY KEY);
    `);
    for (const row of sql.exec<Row>(SELECT)) {
      const { told: _, ...live } = memberIn(row);
      this.#live.set(row.member, live);
    }
    this.#network = sql.exec<{ id: string }>('SELECT id FROM network').toArray()[0]?.id ?? '';
  }

  /** Its id, empty until somebody has joined. */
  get network(): string {
    return this.#network;
  }

  get connected(): number {
    return this.#live.size;
  }

  /** Ids of those who are connected. */
  get members(): readonly string[] {
    return [...this.#live.keys()];
  }

  get hasStatic(): boolean {
    return this.#static !== null;
  }

  /** Made when it is asked for; a newcomer is added to it, any other change makes it anew. */
  get table(): RouteTable {
    if (this.#table) return this.#table;
    const table = new RouteTable();
    this.#table = table;
    for (const { member, prefixes } of this.#static ?? []) {
      for (const prefix of prefixes) table.insert(prefix, { kind: 'member', member, route: null });
    }
    for (const live of this.#live.values()) this.#insert(live);
    return table;
  }

  of(member: string): Connected | null {
    return this.#live.get(member) ?? null;
  }

  /** @returns the route of the connection that this one takes the place of. */
  join(joining: Joining, now: number): number | null {
    const { network, report: _, ...rest } = joining;
    const older = this.#live.get(joining.member) ?? null;
    const live: Connected = { ...rest, since: older?.route === joining.route ? older.since : now };
    if (this.#network !== network) {
      this.#sql.exec('INSERT OR REPLACE INTO network (id) VALUES (?)', network);
      this.#network = network;
    }
    this.#sql.exec(
      'INSERT OR REPLACE INTO live (member, name, kind, route, since, prefixes) VALUES (?, ?, ?, ?, ?, ?)',
      live.member,
      live.name,
      live.kind,
      live.route,
      live.since,
      live.prefixes.map(formatPrefix).join(' '),
    );
    this.#sql.exec('DELETE FROM told WHERE member = ?', live.member);
    // Last in order, so that of two claims on a prefix the younger stands.
    this.#live.delete(live.member);
    this.#live.set(live.member, live);
    if (older) this.#table = null;
    else this.#insert(live);
    return older?.route ?? null;
  }

  leave(member: string, route: number): void {
    const live = this.#live.get(member);
    if (live?.route !== route) return;
    this.#sql.exec('DELETE FROM live WHERE member = ?', member);
    this.#sql.exec('DELETE FROM told WHERE member = ?', member);
    this.#live.delete(member);
    this.#table = null;
  }

  /** Keeps what the object of a connected member says of it; says nothing about a newer connection of the same member. */
  tell(member: string, route: number, report: PeerReport, now: number): void {
    if (this.#live.get(member)?.route !== route) return;
    this.#sql.exec(
      'INSERT OR REPLACE INTO told (member, at, report) VALUES (?, ?, ?)',
      member,
      now,
      JSON.stringify(report),
    );
  }

  bar(member: string, why: Bar, now: number): void {
    this.#sql.exec(`DELETE FROM ${why} WHERE at < ?`, now - TOMBSTONE_MS);
    this.#sql.exec(`INSERT OR REPLACE INTO ${why} (member, at) VALUES (?, ?)`, member, now);
    const live = this.#live.get(member);
    if (live) this.leave(member, live.route);
  }

  /** Who was suspended may come again; who was revoked stays so. */
  resume(member: string): void {
    this.#sql.exec('DELETE FROM suspended WHERE member = ?', member);
  }

  /** @returns null for who may come in. */
  barred(member: string): Bar | null {
    const is = (why: Bar) => this.#sql.exec(`SELECT 1 FROM ${why} WHERE member = ?`, member).toArray().length > 0;
    return is('revoked') ? 'revoked' : is('suspended') ? 'suspended' : null;
  }

  setStatic(routes: readonly StaticRoute[]): void {
    this.#static = routes;
    this.#table = null;
  }

  /** With what its object said last. */
  find(member: string): LiveMember | null {
    const [row] = this.#sql.exec<Row>(`${SELECT} WHERE live.member = ?`, member).toArray();
    return row ? memberIn(row) : null;
  }

  /** Connected members by id. @param kind undefined for all. */
  page(after: string, limit: number, kind?: LiveMember['kind']): LiveMember[] {
    return this.#sql
      .exec<Row>(
        `${SELECT} WHERE live.member > ?1 AND (?3 IS NULL OR live.kind = ?3) ORDER BY live.member LIMIT ?2`,
        after,
        limit,
        kind ?? null,
      )
      .toArray()
      .map(memberIn);
  }

  #insert({ member, route, prefixes }: Connected): void {
    for (const prefix of prefixes) this.#table?.insert(prefix, { kind: 'member', member, route });
  }
}

function memberIn({ member, name, kind, route, since, prefixes, at, report }: Row): LiveMember {
  const parsed = prefixes.split(' ').map(parsePrefix);
  return {
    member,
    name,
    kind: kind === 'site' ? 'site' : 'device',
    route,
    since,
    prefixes: parsed.filter((prefix) => prefix !== null),
    told: at === null || report === null ? null : { at, report: JSON.parse(report) as PeerReport },
  };
}
