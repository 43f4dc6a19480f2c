// A member that may not connect for a while: unlike one that was revoked it keeps its name, its addresses and its profile.

import type { MemberKind, MemberRecord } from './member-record.ts';
import { findMember } from './members.ts';
import type { Network } from './networks.ts';
import { done, type Result } from './refusal.ts';

/**
 * Who is as it is wanted already stays so.
 * @param also statements that are written right behind, such as the entry in the audit.
 */
export async function setSuspended(
  db: D1Database,
  network: Network,
  member: { readonly kind: MemberKind; readonly name: string; readonly suspended: boolean },
  now: number,
  also: readonly D1PreparedStatement[],
): Promise<Result<MemberRecord>> {
  const found = await findMember(db, network, member.kind, member.name);
  if (!found.ok) return found;
  const { id } = found.value;
  const change = member.suspended
    ? 'suspended_at = ?1 WHERE id = ?2 AND suspended_at IS NULL AND revoked_at IS NULL'
    : 'suspended_at = NULL WHERE id = ?2 AND suspended_at IS NOT NULL AND ?1 > 0';
  await db.batch([db.prepare(`UPDATE members SET ${change}`).bind(now, id), ...also]);
  return done({ ...found.value, suspendedAt: member.suspended ? (found.value.suspendedAt ?? now) : null });
}

export async function isSuspended(db: D1Database, { id }: Pick<MemberRecord, 'id'>): Promise<boolean> {
  const query = db.prepare('SELECT suspended_at IS NOT NULL AS yes FROM members WHERE id = ?');
  return (await query.bind(id).first<number>('yes')) === 1;
}
