// Webhooks of an organisation: which changes are told to which URL. What is due stands in the database beside each change.

import { Buffer } from 'node:buffer';
import { utf8 } from '../../src/bytes/octets.ts';
import type { Vault } from '../ca/vault.ts';
import { refuse, done, type Result } from './refusal.ts';

export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Actions of the audit, such as `device.add`, `device.*` or `*`. */
  readonly events: readonly string[];
  readonly createdAt: number;
}

export const MOST_WEBHOOKS = 10;

interface Row {
  readonly id: string;
  readonly url: string;
  readonly events: string;
  readonly created_at: number;
}

export async function listWebhooks(db: D1Database, organisation: string): Promise<Webhook[]> {
  const query = db.prepare(
    'SELECT id, url, events, created_at FROM webhooks WHERE organisation_id = ? ORDER BY created_at',
  );
  return (await query.bind(organisation).all<Row>()).results.map(webhookIn);
}

export async function findWebhook(db: D1Database, organisation: string, id: string): Promise<Result<Webhook>> {
  const query = db.prepare('SELECT id, url, events, created_at FROM webhooks WHERE organisation_id = ? AND id = ?');
  const row = await query.bind(organisation, id).first<Row>();
  if (row) return done(webhookIn(row));
  return refuse('unknown-webhook', 'There is no webhook with this id.', "List them: 'GET /api/webhooks'.");
}

/** @returns the secret that signs what is told, this once. */
export async function addWebhook(
  db: D1Database,
  vault: Vault,
  organisation: string,
  input: Pick<Webhook, 'url' | 'events'>,
  also: readonly D1PreparedStatement[],
  now: number,
): Promise<{ webhook: Webhook; secret: string }> {
  const id = crypto.randomUUID();
  const secret = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
  const sealed = await vault.seal('webhook-secret', id, utf8(secret));
  const { url, events } = input;
  await db.batch([
    db
      .prepare('INSERT INTO webhooks (id, organisation_id, url, secret, events, created_at) VALUES (?, ?, ?, ?, ?, ?)')
      .bind(id, organisation, url, sealed, JSON.stringify(events), now),
    ...also,
  ]);
  return { webhook: { id, url, events, createdAt: now }, secret };
}

/** Its own end is told to the others. @param also a statement that is written right behind it. */
export async function removeWebhook(db: D1Database, { id }: Webhook, also: D1PreparedStatement): Promise<void> {
  await db.batch([db.prepare('DELETE FROM webhooks WHERE id = ?').bind(id), also]);
}

function webhookIn(row: Row): Webhook {
  return { id: row.id, url: row.url, events: JSON.parse(row.events) as string[], createdAt: row.created_at };
}
