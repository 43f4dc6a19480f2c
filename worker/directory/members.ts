// Devices and sites of a network: found, listed, revoked. How they are added stands in enrol.ts.

import { shorten } from './names.ts';
import { type MemberKind, type MemberRecord, type MemberRow, memberIn, SELECT_MEMBER } from './member-record.ts';
import type { Network } from './networks.ts';
import { done, type Refused, refuse, type Result } from './refusal.ts';

export interface MemberPage {
  readonly members: readonly MemberRecord[];
  /** Give it as `after` to go on; null at the end. */
  readonly next: string | null;
}

export const PAGE = 500;

/** By name, those that are not revoked. */
export async function listMembers(
  db: D1Database,
  network: Network,
  kind: MemberKind,
  { after = '', limit = PAGE }: { readonly after?: string; readonly limit?: number } = {},
): Promise<MemberPage> {
  const query = db
    .prepare(
      `${SELECT_MEMBER} WHERE m.network_id = ? AND m.kind = ? AND m.revoked_at IS NULL AND m.name > ? ORDER BY m.name LIMIT ?`,
    )
    .bind(network.id, kind, after, limit + 1);
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
