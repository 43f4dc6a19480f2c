// Rate limits that hold for the whole deployment: leaky buckets in the database, each filled and looked at by one statement.

import { createHash } from 'node:crypto';
import { type Refused, refuse } from './refusal.ts';

export interface Limit {
  /** What is limited. */
  readonly what: string;
  /** So many at once ... */
  readonly burst: number;
  /** ... and then one in so many milliseconds. */
  readonly everyMs: number;
}

/**
 * @param who the source's address, an account, a token: one bucket each; only its hash is kept.
 * @returns null for a request within the limit, which is counted.
 */
export async function overLimit(db: D1Database, limit: Limit, who: string, now: number): Promise<Refused | null> {
  const bucket = createHash('sha256').update(`${limit.what}\n${who}`).digest('base64url');
  const counted = await db
    .prepare(
      `INSERT INTO rate_limits (bucket, empty_at) VALUES (?1, ?2 + ?3)
       ON CONFLICT (bucket) DO UPDATE SET empty_at = max(empty_at, ?2) + ?3 WHERE max(empty_at, ?2) + ?3 <= ?2 + ?4
       RETURNING empty_at`,
    )
    .bind(bucket, now, limit.everyMs, limit.everyMs * limit.burst)
    .first();
  if (counted !== null) return null;
  const seconds = Math.ceil(limit.everyMs / 1000);
  return refuse(
    'too-many-requests',
    'That was tried too often in a short time.',
    `Wait ${seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`}, and try again.`,
  );
}

/** Buckets that are empty again. */
export function emptyBuckets(db: D1Database, now: number): D1PreparedStatement {
  return db.prepare('DELETE FROM rate_limits WHERE empty_at < ?').bind(now);
}
