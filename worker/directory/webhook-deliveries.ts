// What webhooks are told, and what came of it; how it is told stands in worker/schedule/deliver.ts.

import { done, refuse, type Result } from './refusal.ts';
import type { Webhook } from './webhooks.ts';

export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly createdAt: number;
  readonly attempts: number;
  /** When it is tried next; null when it was delivered or given up. */
  readonly dueAt: number | null;
  readonly deliveredAt: number | null;
  /** Of the last answer. */
  readonly status: number | null;
  readonly failure: string | null;
}

const DELIVERIES = 100;

/** A delivery that asks nothing of the receiver but an answer. */
export async function addTest(db: D1Database, organisation: string, { id }: Webhook, now: number): Promise<string> {
  const delivery = crypto.randomUUID();
  const body = JSON.stringify({ at: now, organisation, action: 'webhook.test' });
  await db
    .prepare(
      `INSERT INTO webhook_deliveries (id, organisation_id, webhook_id, event, body, created_at, due_at)
       VALUES (?, ?, ?, 'webhook.test', ?, ?, ?)`,
    )
    .bind(delivery, organisation, id, body, now, now)
    .run();
  return delivery;
}

/** The youngest first. */
export async function listDeliveries(db: D1Database, { id }: Webhook): Promise<Delivery[]> {
  const query = db.prepare(
    `SELECT id, event, created_at AS createdAt, attempts, due_at AS dueAt, delivered_at AS deliveredAt, status, failure
     FROM webhook_deliveries WHERE webhook_id = ? ORDER BY created_at DESC LIMIT ${DELIVERIES}`,
  );
  return (await query.bind(id).all<Delivery>()).results;
}

/**
 * Tells it once more, from the first attempt on. Its id stays, so that a receiver that has had it already can tell.
 * @param also a statement that is written right behind it.
 */
export async function repeatDelivery(
  db: D1Database,
  webhook: Webhook,
  id: string,
  also: D1PreparedStatement,
  now: number,
): Promise<Result<null>> {
  const update = db
    .prepare(
      `UPDATE webhook_deliveries SET due_at = ?1, attempts = 0, delivered_at = NULL, status = NULL, failure = NULL
       WHERE id = ?2 AND webhook_id = ?3`,
    )
    .bind(now, id, webhook.id);
  const [updated] = await db.batch([update, also]);
  if ((updated?.meta.changes ?? 0) > 0) return done(null);
  return refuse(
    'unknown-delivery',
    'There is no delivery with this id.',
    `List them: 'GET /api/webhooks/${webhook.id}/deliveries'. They are kept for 30 days.`,
  );
}
