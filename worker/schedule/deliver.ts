// Tells webhooks what is due: signed (Standard Webhooks 1.0), tried again later and later, given up after some hours.

import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { text } from '../../src/bytes/octets.ts';
import { Vault } from '../ca/vault.ts';
import { octetsOf, type SqlBlob } from '../directory/blob.ts';
import type { Env } from '../env.ts';

const AT_ONCE = 20;
/** How long one run goes on with what is due, and how often at most: another one follows within a minute. */
const RUN_MS = 40_000;
const ROUNDS = 50;
const PATIENCE_MS = 10_000;
const FIRST_MS = 30_000;
/** Four times as long each time: 30 s, 2 min, 8 min, 32 min, 2 h and 8.5 h after each other. */
const ATTEMPTS = 7;

interface Due {
  readonly id: string;
  readonly webhook_id: string;
  readonly body: string;
  readonly attempts: number;
  readonly url: string;
  readonly secret: SqlBlob;
}

interface Outcome {
  readonly status: number | null;
  readonly failure: string | null;
}

/** All that is due, as far as one run comes. */
export async function deliverAllDue(env: Pick<Env, 'DB' | 'DEPLOYMENT_KEY'>, now: number): Promise<void> {
  const began = Date.now();
  for (let round = 0; round < ROUNDS && Date.now() - began < RUN_MS; round++) {
    if ((await deliverDue(env, now)) < AT_ONCE) return;
  }
}

/** Two that run at once share the work: whoever marks a delivery as tried does it. @returns how many were tried. */
export async function deliverDue(env: Pick<Env, 'DB' | 'DEPLOYMENT_KEY'>, now: number): Promise<number> {
  const claimed = await env.DB.prepare(
    `UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = ?1 + ${FIRST_MS} * (1 << (2 * attempts))
     WHERE id IN (SELECT id FROM webhook_deliveries WHERE due_at <= ?1 ORDER BY due_at LIMIT ${AT_ONCE}) AND due_at <= ?1
     RETURNING id, webhook_id, body, attempts,
       (SELECT url FROM webhooks w WHERE w.id = webhook_id) AS url,
       (SELECT secret FROM webhooks w WHERE w.id = webhook_id) AS secret`,
  )
    .bind(now)
    .all<Due>();
  if (claimed.results.length === 0) return 0;
  const vault = await Vault.open(env.DEPLOYMENT_KEY);
  const told = claimed.results.map(async (due) => written(env.DB, due, await tell(vault, due, now), now));
  await env.DB.batch(await Promise.all(told));
  return claimed.results.length;
}

async function tell(vault: Vault, due: Due, now: number): Promise<Outcome> {
  const secret = text(await vault.open('webhook-secret', due.webhook_id, octetsOf(due.secret)));
  const timestamp = String(Math.floor(now / 1000));
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'Culvert-Webhook/1',
    'Webhook-Id': due.id,
    'Webhook-Timestamp': timestamp,
    'Webhook-Signature': `v1,${signature(secret, due.id, timestamp, due.body)}`,
  };
  try {
    // A redirect could lead where no webhook may go.
    const answer = await fetch(due.url, {
      method: 'POST',
      headers,
      body: due.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.body?.cancel();
    const isGood = answer.status >= 200 && answer.status < 300;
    return { status: answer.status, failure: isGood ? null : `the server answered ${answer.status}` };
  } catch (thrown) {
    const isLate = thrown instanceof Error && thrown.name === 'TimeoutError';
    return {
      status: null,
      failure: isLate ? `no answer within ${PATIENCE_MS / 1000} s` : 'the server was not reached',
    };
  }
}

/** HMAC-SHA-256 over id, time and body, so that neither an old one nor another one passes for this. */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}

function written(
  db: D1Database,
  { id, attempts }: Due,
  { status, failure }: Outcome,
  now: number,
): D1PreparedStatement {
  if (failure === null) {
    return db
      .prepare('UPDATE webhook_deliveries SET due_at = NULL, delivered_at = ?, status = ?, failure = NULL WHERE id = ?')
      .bind(now, status, id);
  }
  const sql = attempts >= ATTEMPTS ? 'due_at = NULL, ' : '';
  return db
    .prepare(`UPDATE webhook_deliveries SET ${sql}status = ?, failure = ? WHERE id = ?`)
    .bind(status, failure, id);
}
