// What members of a network reach: its pools, and what stands behind its sites.

import { formatPrefix } from '../../src/wire/prefix.ts';
import type { Network } from './networks.ts';

/** Prefixes in text, pools first, then in the order of their addresses. @param member whose own prefixes are left out; empty: nobody's. */
export async function reachOf(db: D1Database, network: Network, member = ''): Promise<string[]> {
  const pools = [network.ipv4, network.ipv6].flatMap((pool) => (pool ? [formatPrefix(pool)] : []));
  const query = db
    .prepare('SELECT prefix FROM site_prefixes WHERE network_id = ? AND member_id <> ? ORDER BY family, first')
    .bind(network.id, member);
  const { results } = await query.all<{ prefix: string }>();
  return [...pools, ...results.map(({ prefix }) => prefix)];
}
