// Who is meant by a name or an address in a question about access, and which members no rule tells apart.

import { compare, toHex } from '../../src/bytes/octets.ts';
import type { Cohort } from '../../src/policy/cohorts.ts';
import type { Party } from '../../src/policy/policy.ts';
import { type Address, formatAddress, parseAddress, parsePrefix, type Prefix } from '../../src/wire/prefix.ts';
import { listGroups } from './groups.ts';
import { type MemberRecord, type MemberRow, memberIn, SELECT_MEMBER } from './member-record.ts';
import { findMember } from './members.ts';
import { shorten } from './names.ts';
import type { Network } from './networks.ts';
import { addressAt, lastPosition } from './pool.ts';
import { done, inField, refuse, type Result } from './refusal.ts';

export interface Asked {
  readonly record: MemberRecord;
  readonly party: Party;
  /** The one that was asked about, or those that stand for the member. */
  readonly addresses: readonly Address[];
}

/** @param text the name of a device or site, or an address of one. @param field of the request, for a refusal. */
export async function findPlace(db: D1Database, network: Network, text: string, field: string): Promise<Result<Asked>> {
  const address = parseAddress(text);
  const found = address ? await memberAt(db, network, address) : await findMember(db, network, null, text);
  if (!found.ok) return inField(found, field);
  const record = found.value;
  const groups = await db
    .prepare('SELECT group_id FROM group_members WHERE member_id = ? ORDER BY group_id')
    .bind(record.id)
    .all<{ group_id: string }>();
  const party = { member: record.id, groups: groups.results.map(({ group_id }) => group_id) };
  const standing = record.kind === 'device' ? record.addresses : record.prefixes.map(firstHost);
  return done({ record, party, addresses: address ? [address] : standing });
}

/** Cohorts, at most `limit`; with `named` members and all sites each for itself. */
export async function cohortsOf(
  db: D1Database,
  network: Network,
  named: ReadonlySet<string>,
  limit: number,
): Promise<Cohort[]> {
  const query = db
    .prepare(
      `SELECT min(m.id) AS id, min(m.name) AS name, count(*) AS members, g.ids AS groups,
         m.kind = 'site' OR m.id IN (SELECT value FROM json_each(?2)) AS alone,
         (SELECT json_group_array(p.prefix) FROM site_prefixes p WHERE p.member_id = m.id) AS prefixes
       FROM members m LEFT JOIN (
         SELECT member_id, json_group_array(group_id) AS ids
         FROM (SELECT member_id, group_id FROM group_members WHERE network_id = ?1 ORDER BY member_id, group_id)
         GROUP BY member_id
       ) g ON g.member_id = m.id
       WHERE m.network_id = ?1 AND m.revoked_at IS NULL
       GROUP BY CASE WHEN alone THEN m.id ELSE coalesce(g.ids, '') END ORDER BY alone, name LIMIT ?3`,
    )
    .bind(network.id, JSON.stringify([...named]), limit);
  const names = new Map((await listGroups(db, network)).map(({ id, name }) => [id, name]));
  return (await query.all<CohortRow>()).results.map(({ id, name, members, groups: ids, alone, prefixes }) => {
    const groups = JSON.parse(ids ?? '[]') as string[];
    const group = groups.map((each) => names.get(each) ?? each).join(', ');
    const all = `devices in ${group === '' ? 'no group' : group}`;
    return {
      party: { member: id, groups },
      name: alone === 1 || members === 1 ? name : all,
      members,
      prefixes: (JSON.parse(prefixes) as string[]).map((text) => parsePrefix(text)!),
    };
  });
}

interface CohortRow {
  readonly id: string;
  readonly name: string;
  readonly members: number;
  readonly groups: string | null;
  readonly alone: 0 | 1;
  readonly prefixes: string;
}

async function memberAt(db: D1Database, network: Network, address: Address): Promise<Result<MemberRecord>> {
  const family = address.length === 4 ? 4 : 6;
  const pool = family === 4 ? network.ipv4 : network.ipv6;
  const query = db
    .prepare(
      `${SELECT_MEMBER} WHERE m.network_id = ?1 AND m.revoked_at IS NULL AND (
         m.id IN (SELECT member_id FROM addresses WHERE network_id = ?1 AND family = ?2 AND position = ?3 AND released_at IS NULL)
         OR m.id IN (SELECT member_id FROM site_prefixes WHERE network_id = ?1 AND family = ?2 AND first <= ?4 AND last >= ?4)) LIMIT 1`,
    )
    .bind(network.id, family, pool ? positionOf(address, pool) : -1, toHex(address));
  const row = await query.first<MemberRow>();
  if (row) return done(memberIn(row, network));
  return refuse(
    'unknown-member',
    `Nobody in the network '${network.name}' has the address ${shorten(formatAddress(address))}.`,
    'Give an address of a device, or one behind a site.',
  );
}

/** -1 where it is no position of that pool. */
function positionOf(address: Address, pool: Prefix): number {
  let position = 0;
  for (let i = 0; i < address.length; i++) position = position * 256 + address[i]! - pool.address[i]!;
  const isWithin = position >= 0 && position <= lastPosition(pool);
  return isWithin && compare(addressAt(pool, position), address) === 0 ? position : -1;
}

/** The second address of a prefix, where it has more than one: the first is no host's in IPv4. */
function firstHost({ address, length }: Prefix): Address {
  return length >= address.length * 8 - 1 ? address : addressAt({ address, length }, 1);
}
