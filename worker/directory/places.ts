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

/** Cohorts, at most `limit`; with `named` members and all sites each for itself. However many devices there are, a cohort is one row. */
export async function cohortsOf(
  db: D1Database,
  network: Network,
  named: ReadonlySet<string>,
  limit: number,
): Promise<Cohort[]> {
  const names = new Map((await listGroups(db, network)).map(({ id, name }) => [id, name]));
  const list = JSON.stringify([...named]);
  const [together, alone] = await db.batch([
    db
      .prepare(
        `SELECT c.cohort, m.id, m.name, c.devices - (
           SELECT count(*) FROM json_each(?2) e CROSS JOIN members n ON n.id = e.value
           WHERE +n.network_id = ?1 AND n.cohort = c.cohort AND n.kind = 'device' AND n.revoked_at IS NULL) AS members
         FROM cohorts c JOIN members m ON m.id = (
           SELECT d.id FROM members d INDEXED BY members_cohort
           WHERE d.network_id = ?1 AND d.cohort = c.cohort AND d.kind = 'device' AND d.revoked_at IS NULL
             AND d.id NOT IN (SELECT value FROM json_each(?2)) ORDER BY d.name LIMIT 1)
         WHERE c.network_id = ?1 LIMIT ?3`,
      )
      .bind(network.id, list, limit),
    db
      .prepare(
        `SELECT m.cohort, m.id, m.name, (SELECT json_group_array(p.prefix) FROM site_prefixes p WHERE p.member_id = m.id) AS prefixes
         FROM members m WHERE m.id IN (
           SELECT value FROM json_each(?2)
           UNION SELECT id FROM (SELECT s.id FROM members s INDEXED BY members_list
             WHERE s.network_id = ?1 AND s.kind = 'site' AND s.revoked_at IS NULL ORDER BY s.name LIMIT ?3))
         AND +m.network_id = ?1 AND m.revoked_at IS NULL ORDER BY m.name LIMIT ?3`,
      )
      .bind(network.id, list, limit),
  ]);
  const groups = ({ cohort }: { readonly cohort: string }) => JSON.parse(cohort) as string[];
  const many = (together!.results as TogetherRow[]).map((row) => {
    const of = groups(row).map((each) => names.get(each) ?? each);
    const all = `devices in ${of.length === 0 ? 'no group' : of.join(', ')}`;
    const party = { member: row.id, groups: groups(row) };
    return { party, name: row.members === 1 ? row.name : all, members: row.members, prefixes: [] };
  });
  const each = (alone!.results as AloneRow[]).map((row) => ({
    ...{ party: { member: row.id, groups: groups(row) }, name: row.name, members: 1 },
    prefixes: (JSON.parse(row.prefixes) as string[]).map((text) => parsePrefix(text)!),
  }));
  return [...many, ...each].slice(0, limit);
}

interface TogetherRow {
  readonly cohort: string;
  /** One of them. */
  readonly id: string;
  readonly name: string;
  readonly members: number;
}

interface AloneRow {
  readonly cohort: string;
  readonly id: string;
  readonly name: string;
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
