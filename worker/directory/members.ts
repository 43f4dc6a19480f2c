// Devices and sites of a network: found, listed, revoked. How they are added stands in enrol.ts.

import { shorten } from './names.ts';
import {
  type MemberKind,
  type MemberRecord,
  type MemberRow,
  memberIn,
  SELECT_MEMBER,
  SELECT_MEMBERS_BY_NAME,
} from './member-record.ts';
import { type Network, type NetworkRow, networkIn, SELECT_NETWORK } from './networks.ts';
import { done, type Refused, refuse, type Result } from './refusal.ts';

export interface MemberPage {
  readonly members: readonly MemberRecord[];
  /** Give it as `after` to go on; null at the end. */
  readonly next: string | null;
}

export interface MemberQuery {
  /** Names behind this one. */
  readonly after?: string;
  /** Names that begin so. */
  readonly prefix?: string;
  readonly limit?: number;
}

export const PAGE = 500;

/** By name, those that are not revoked. */
export async function listMembers(
  db: D1Database,
  network: Network,
  kind: MemberKind,
  { after = '', prefix = '', limit = PAGE }: MemberQuery = {},
): Promise<MemberPage> {
  const query = db
    .prepare(
      `${SELECT_MEMBERS_BY_NAME} WHERE m.network_id = ?1 AND m.kind = ?2 AND m.revoked_at IS NULL
         AND m.name >= max(?3, ?4) AND m.name <> ?3 AND m.name < ?5 ORDER BY m.name LIMIT ?6`,
    )
    // No name has a character beyond z.
    .bind(network.id, kind, after, prefix, `${prefix}{`, limit + 1);
  const rows = (await query.all<MemberRow>()).results;
  const members = rows.slice(0, limit).map((row) => memberIn(row, network));
  return { members, next: rows.length > limit ? members.at(-1)!.name : null };
}

/** @param kind null for either. */
export async function findMember(
  db: D1Database,
  network: Network,
  kind: MemberKind | null,
  name: string,
): Promise<Result<MemberRecord>> {
  const found = await newestOf(db, network, kind, name);
  return found && found.revokedAt === null ? done(found) : unknown(network, kind, name);
}

/** The same, with the last one of that name when all of them were revoked. */
export async function findMemberEver(db: D1Database, network: Network, name: string): Promise<Result<MemberRecord>> {
  const found = await newestOf(db, network, null, name);
  return found ? done(found) : unknown(network, null, name);
}

/**
 * Takes what the member can prove itself with out of force, keeps its addresses back for a while and its name on record.
 * What is revoked already stays so; the caller then tells the edge again.
 */
export async function revokeMember(
  db: D1Database,
  network: Network,
  kind: MemberKind,
  name: string,
  now: number,
  also: readonly D1PreparedStatement[] = [],
): Promise<Result<MemberRecord>> {
  const found = await newestOf(db, network, kind, name);
  if (!found) return unknown(network, kind, name);
  if (found.revokedAt !== null) return done(found);
  await db.batch([
    db
      .prepare('UPDATE members SET revoked_at = ?, secret = NULL WHERE id = ? AND revoked_at IS NULL')
      .bind(now, found.id),
    ...also,
    db.prepare('UPDATE certificates SET revoked_at = ? WHERE member_id = ? AND revoked_at IS NULL').bind(now, found.id),
    db.prepare('UPDATE addresses SET released_at = ? WHERE member_id = ? AND released_at IS NULL').bind(now, found.id),
    db.prepare('DELETE FROM site_prefixes WHERE member_id = ?').bind(found.id),
  ]);
  return done({ ...found, revokedAt: now });
}

/** By its id, wherever in the organisation; null for one that was revoked. */
export async function memberById(
  db: D1Database,
  organisation: string,
  id: string,
): Promise<{ readonly network: Network; readonly record: MemberRecord } | null> {
  const [members, networks] = await db.batch([
    db
      .prepare(`${SELECT_MEMBER} WHERE m.id = ? AND m.organisation_id = ? AND m.revoked_at IS NULL`)
      .bind(id, organisation),
    db.prepare(`${SELECT_NETWORK} WHERE n.id = (SELECT network_id FROM members WHERE id = ?)`).bind(id),
  ]);
  const row = members?.results[0] as MemberRow | undefined;
  const networkRow = networks?.results[0] as NetworkRow | undefined;
  if (!row || !networkRow) return null;
  const network = networkIn(networkRow);
  return { network, record: memberIn(row, network) };
}

export function assignOwner(db: D1Database, { id }: MemberRecord, owner: string | null): D1PreparedStatement {
  return db.prepare('UPDATE members SET owner_user_id = ? WHERE id = ?').bind(owner, id);
}

const OWN = 200;

/** The devices that are somebody's, in all networks of the organisation. */
export async function devicesOwnedBy(
  db: D1Database,
  organisation: string,
  user: string,
): Promise<{ readonly network: Network; readonly record: MemberRecord }[]> {
  const [members, networks] = await db.batch([
    db
      .prepare(
        `${SELECT_MEMBER} WHERE m.owner_user_id = ?2 AND m.organisation_id = ?1 AND m.revoked_at IS NULL ORDER BY m.name LIMIT ${OWN}`,
      )
      .bind(organisation, user),
    db
      .prepare(
        `${SELECT_NETWORK} WHERE n.organisation_id = ?1 AND n.id IN (SELECT network_id FROM members WHERE owner_user_id = ?2)`,
      )
      .bind(organisation, user),
  ]);
  const found = new Map((networks!.results as NetworkRow[]).map((row) => [row.id, networkIn(row)]));
  return (members!.results as MemberRow[]).map((row) => {
    const network = found.get(row.network_id)!;
    return { network, record: memberIn(row, network) };
  });
}

/** Names by id, also of those that are revoked, for lists in which the edge knows ids only. */
export async function memberNames(db: D1Database, ids: readonly string[]): Promise<Map<string, string>> {
  const query = db.prepare('SELECT id, name FROM members WHERE id IN (SELECT value FROM json_each(?))');
  const { results } = await query.bind(JSON.stringify(ids)).all<{ id: string; name: string }>();
  return new Map(results.map(({ id, name }) => [id, name]));
}

/** The one in force, or else the last one that was revoked. */
async function newestOf(
  db: D1Database,
  network: Network,
  kind: MemberKind | null,
  name: string,
): Promise<MemberRecord | null> {
  const query = db
    .prepare(
      `${SELECT_MEMBER} WHERE m.network_id = ?1 AND m.name = ?2 AND (?3 IS NULL OR m.kind = ?3)
       ORDER BY m.revoked_at IS NOT NULL, m.revoked_at DESC LIMIT 1`,
    )
    .bind(network.id, name, kind);
  const row = await query.first<MemberRow>();
  return row && memberIn(row, network);
}

function unknown(network: Network, kind: MemberKind | null, name: string): Refused {
  const what = kind ?? 'device or site';
  return refuse(
    kind === null ? 'unknown-member' : `unknown-${kind}`,
    `The network '${network.name}' has no ${what} '${shorten(name)}'.`,
    kind === null
      ? "List them with 'culvert device list' and 'culvert site list'."
      : `List them with 'culvert ${kind} list'.`,
  );
}
