// The link by which a member's profile was handed out last.

export interface LastLink {
  /** Milliseconds. */
  readonly createdAt: number;
  /** Null while nobody has fetched what it leads to. */
  readonly takenAt: number | null;
}

export async function lastLink(db: D1Database, member: string): Promise<LastLink | null> {
  const row = await db
    .prepare('SELECT created_at, taken_at FROM links WHERE member_id = ? ORDER BY created_at DESC LIMIT 1')
    .bind(member)
    .first<{ created_at: number; taken_at: number | null }>();
  return row && { createdAt: row.created_at, takenAt: row.taken_at };
}
