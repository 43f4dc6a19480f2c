// Takes away what nobody can use any more.

import { emptyBuckets } from '../directory/rate-limit.ts';

const KEPT_MS = 30 * 86_400_000;

export async function sweep(db: D1Database, now: number): Promise<void> {
  const before = now - KEPT_MS;
  await db.batch([
    emptyBuckets(db, now),
    db.prepare('DELETE FROM links WHERE expires_at < ?').bind(before),
    db.prepare('DELETE FROM sessions WHERE expires_at < ?').bind(now),
    db.prepare('DELETE FROM verifications WHERE expires_at < ?').bind(now),
    db.prepare('DELETE FROM webhook_deliveries WHERE due_at IS NULL AND created_at < ?').bind(before),
    db.prepare('DELETE FROM invitations WHERE expires_at < ?').bind(before),
    db.prepare('DELETE FROM certificates WHERE accepted_until < ?').bind(before),
  ]);
}
