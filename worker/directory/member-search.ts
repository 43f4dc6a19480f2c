// Members as pages look for them: by id, by the beginning of a name, by what they are called inside, by what ends soon.

import {
  type MemberKind,
  type MemberRecord,
  type MemberRow,
  memberIn,
  SELECT_MEMBER,
  SELECT_MEMBERS_BY_NAME,
} from './member-record.ts';
import type { Network } from './networks.ts';
import type { MemberPage } from './members.ts';
import { positionOf } from './pool.ts';
import { parseAddress } from '../../src/wire/prefix.ts';

export interface MemberQuery {
  readonly kind: MemberKind;
  /** The beginning of a name, or a whole virtual address; empty for all. */
  readonly text: string;
  /** Of those that would be on the page, only the ones whose certificate ends before this; null for all. */
  readonly endsBefore: number | null;
  /** Only those that belong to this user; null for all. */
  readonly owner: string | null;
  readonly after: string;
  readonly limit: number;
}

/** By name, those that are not revoked. However many there are, an index is walked for one page, from one bound: of two, the database takes either. */
export async function searchMembers(db: D1Database, network: Network, query: MemberQuery): Promise<MemberPage> {
  const address = parseAddress(query.text);
  if (address) {
    const found = await memberAt(db, network, address);
    const members = found && found.kind === query.kind ? [found] : [];
    return { members, next: null };
  }
  const text = query.text.toLowerCase();
  const { results } = await db
    .prepare(
      `${SELECT_MEMBERS_BY_NAME} WHERE m.network_id = ?1 AND m.kind = ?2 AND m.revoked_at IS NULL AND m.name >= max(?3, ?4) AND m.name <> ?3 AND m.name < ?5
       AND (?6 IS NULL OR m.owner_user_id = ?6) ORDER BY m.name LIMIT ?7`,
    )
    .bind(network.id, query.kind, query.after, text, `${text}\u{10ffff}`, query.owner, query.limit + 1)
    .all<MemberRow>();
  const looked = results.slice(0, query.limit).map((row) => memberIn(row, network));
  const { endsBefore } = query;
  const members = looked.filter(
    ({ certificate }) => endsBefore === null || (certificate?.notAfter ?? Infinity) < endsBefore,
  );
  return { members, next: results.length > query.limit ? looked.at(-1)!.name : null };
}

export interface Placed {
  readonly record: MemberRecord;
  readonly network: Network;
}

/** Also one that is revoked. @param networks of the organisation; null for whatever is in none of them. */
export async function memberById(db: D1Database, networks: readonly Network[], id: string): Promise<Placed | null> {
  const row = await db.prepare(`${SELECT_MEMBER} WHERE m.id = ?`).bind(id).first<MemberRow>();
  const network = row && networks.find((each) => each.id === row.network_id);
  return network ? { record: memberIn(row, network), network } : null;
}

/** In the order of the ids, which alone are looked up; those that are not of the network, or revoked, are left out. */
export async function membersById(db: D1Database, network: Network, ids: readonly string[]): Promise<MemberRecord[]> {
  const { results } = await db
    .prepare(
      `${SELECT_MEMBER} WHERE +m.network_id = ? AND m.revoked_at IS NULL AND m.id IN (SELECT value FROM json_each(?)) ORDER BY m.id`,
    )
    .bind(network.id, JSON.stringify(ids))
    .all<MemberRow>();
  return results.map((row) => memberIn(row, network));
}

/** All that are somebody's own, in any network of the organisation. */
export async function membersOwnedBy(db: D1Database, networks: readonly Network[], user: string): Promise<Placed[]> {
  const { results } = await db
    .prepare(`${SELECT_MEMBER} WHERE m.owner_user_id = ? AND m.revoked_at IS NULL ORDER BY m.name LIMIT 100`)
    .bind(user)
    .all<MemberRow>();
  return results.flatMap((row) => {
    const network = networks.find((each) => each.id === row.network_id);
    return network ? [{ record: memberIn(row, network), network }] : [];
  });
}

/** Certificates in force that end before a time, counted up to a hundred. */
export async function endingSoon(db: D1Database, network: Network, before: number): Promise<number> {
  const query = db.prepare(
    `SELECT count(*) AS n FROM (SELECT 1 FROM certificates c WHERE ${IN_FORCE} AND c.network_id = ? AND c.not_after < ? LIMIT 100)`,
  );
  return (await query.bind(network.id, before).first<number>('n')) ?? 0;
}

const IN_FORCE = 'c.revoked_at IS NULL AND c.accepted_until IS NULL';

/** Devices whose certificate ends before a time, what ends first stands first; sites take a place of the page and are left out. @param after of the page before, or empty. */
export async function devicesEnding(
  db: D1Database,
  network: Network,
  before: number,
  after: string,
  limit: number,
): Promise<MemberPage> {
  const [, time = '0', fingerprint = ''] = /^(\d{1,15})\.([\w-]*)$/.exec(after) ?? [];
  const due = await db
    .prepare(
      `SELECT c.member_id AS member, c.not_after AS notAfter, c.fingerprint FROM certificates c
       WHERE ${IN_FORCE} AND c.network_id = ? AND c.not_after < ? AND (c.not_after, c.fingerprint) > (?, ?)
       ORDER BY c.not_after, c.fingerprint LIMIT ?`,
    )
    .bind(network.id, before, Number(time), fingerprint, limit + 1)
    .all<{ member: string; notAfter: number; fingerprint: string }>();
  const shown = due.results.slice(0, limit);
  const found = await membersById(
    db,
    network,
    shown.map(({ member }) => member),
  );
  const devices = new Map(found.flatMap((record) => (record.kind === 'device' ? [[record.id, record] as const] : [])));
  const members = shown.flatMap(({ member }) => devices.get(member) ?? []);
  const last = shown.at(-1);
  return { members, next: due.results.length > limit && last ? `${last.notAfter}.${last.fingerprint}` : null };
}

async function memberAt(db: D1Database, network: Network, address: Uint8Array): Promise<MemberRecord | null> {
  const pool = address.length === 4 ? network.ipv4 : network.ipv6;
  const position = pool && positionOf(pool, address);
  if (position === null) return null;
  const row = await db
    .prepare(
      `${SELECT_MEMBER} WHERE m.revoked_at IS NULL AND m.id = (SELECT member_id FROM addresses
       WHERE network_id = ? AND family = ? AND position = ? AND released_at IS NULL)`,
    )
    .bind(network.id, address.length === 4 ? 4 : 6, position)
    .first<MemberRow>();
  return row && memberIn(row, network);
}
