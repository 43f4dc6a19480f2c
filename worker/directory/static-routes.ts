// The addresses of all members of a network on record, connected or not: what the network object routes by.

import { type Prefix, parsePrefix } from '../../src/wire/prefix.ts';
import { addressesIn } from './member-record.ts';
import { type NetworkRow, networkIn, SELECT_NETWORK } from './networks.ts';

export interface StaticRoute {
  /** Its id. */
  readonly member: string;
  /** Addresses as host prefixes, and what stands behind a site. */
  readonly prefixes: readonly Prefix[];
}

/** @param network its id; a network that is no more has no routes. */
export async function staticRoutes(db: D1Database, network: string): Promise<StaticRoute[]> {
  const [networks, addresses, prefixes] = await db.batch([
    db.prepare(`${SELECT_NETWORK} WHERE n.id = ?`).bind(network),
    db
      .prepare('SELECT member_id, family, position FROM addresses WHERE network_id = ? AND released_at IS NULL')
      .bind(network),
    db.prepare('SELECT member_id, prefix FROM site_prefixes WHERE network_id = ?').bind(network),
  ]);
  const row = networks?.results[0] as NetworkRow | undefined;
  if (!row) return [];
  const found = networkIn(row);
  const routes = new Map<string, Prefix[]>();
  const add = (member: string, prefix: Prefix) => routes.set(member, [...(routes.get(member) ?? []), prefix]);
  for (const each of (addresses?.results ?? []) as AddressRow[]) {
    for (const address of addressesIn(JSON.stringify([[each.family, each.position]]), found)) {
      add(each.member_id, { address, length: 8 * address.length });
    }
  }
  for (const each of (prefixes?.results ?? []) as PrefixRow[]) add(each.member_id, parsePrefix(each.prefix)!);
  return [...routes].map(([member, list]) => ({ member, prefixes: list }));
}

interface AddressRow {
  readonly member_id: string;
  readonly family: 4 | 6;
  readonly position: number;
}

interface PrefixRow {
  readonly member_id: string;
  readonly prefix: string;
}
