// The registry of a network object: connected members in its own SQLite, and the route table made of them and of what is on record.

import { RouteTable } from '../../src/route/network.ts';
import { formatPrefix, parsePrefix } from '../../src/wire/prefix.ts';
import type { Prefix } from '../../src/wire/prefix.ts';
import type { Joining, StaticRoute } from './network-object.ts';

export interface LiveMember {
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  readonly route: number;
  readonly since: number;
  readonly prefixes: readonly Prefix[];
}

/** A handshake that began before the revocation has ended by then. */
const TOMBSTONE_MS = 24 * 3_600_000;

type Row = { member: string; name: string; kind: string; route: number; since: number; prefixes: string };

export class Registry {
  readonly #sql: SqlStorage;
  readonly #live = new Map<string, LiveMember>();
  #static: readonly StaticRoute[] | null = null;
  #table: RouteTable | null = null;
  #network = '';

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS live (member TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, route INTEGER NOT NULL,
        since INTEGER NOT NULL, prefixes TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS revoked (member TEXT PRIMARY KEY, at INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS network (id TEXT PRIMARY KEY);
    `);
    for (const row of sql.exec<Row>('SELECT * FROM live')) this.#live.set(row.member, memberIn(row));
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

  of(member: string): LiveMember | null {
    return this.#live.get(member) ?? null;
  }

  /** @returns the route of the connection that this one takes the place of. */
  join(joining: Joining, now: number): number | null {
    const { network, ...rest } = joining;
    const older = this.#live.get(joining.member) ?? null;
    const live: LiveMember = { ...rest, since: older?.route === joining.route ? older.since : now };
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
    this.#live.delete(member);
    this.#table = null;
  }

  revoke(member: string, now: number): void {
    this.#sql.exec('DELETE FROM revoked WHERE at < ?', now - TOMBSTONE_MS);
    this.#sql.exec('INSERT OR REPLACE INTO revoked (member, at) VALUES (?, ?)', member, now);
    const live = this.#live.get(member);
    if (live) this.leave(member, live.route);
  }

  isRevoked(member: string): boolean {
    return this.#sql.exec('SELECT 1 FROM revoked WHERE member = ?', member).toArray().length > 0;
  }

  setStatic(routes: readonly StaticRoute[]): void {
    this.#static = routes;
    this.#table = null;
  }

  /** Connected members by id. @param kind undefined for all. */
  page(after: string, limit: number, kind?: LiveMember['kind']): LiveMember[] {
    return this.#sql
      .exec<Row>(
        'SELECT * FROM live WHERE member > ?1 AND (?3 IS NULL OR kind = ?3) ORDER BY member LIMIT ?2',
        after,
        limit,
        kind ?? null,
      )
      .toArray()
      .map(memberIn);
  }

  #insert({ member, route, prefixes }: LiveMember): void {
    for (const prefix of prefixes) this.#table?.insert(prefix, { kind: 'member', member, route });
  }
}

function memberIn({ member, name, kind, route, since, prefixes }: Row): LiveMember {
  const parsed = prefixes.split(' ').map(parsePrefix);
  return {
    member,
    name,
    kind: kind === 'site' ? 'site' : 'device',
    route,
    since,
    prefixes: parsed.filter((prefix) => prefix !== null),
  };
}
