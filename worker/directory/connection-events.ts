// Webhooks that ask for comings and goings: a delivery for each, in the same log as those about changes.

import type { Action } from './actions.ts';

export interface ConnectionEvent {
  /** Of this event alone. */
  readonly id: string;
  /** Milliseconds. */
  readonly at: number;
  readonly event: 'connected' | 'disconnected';
  readonly member: string;
  readonly name: string;
  readonly kind: 'device' | 'site';
  /** As prefixes. */
  readonly addresses: readonly string[];
  /** Outer address and port; null when they are not known. */
  readonly path: string | null;
  readonly since: number;
  readonly reason: string | null;
}

/** Deliveries that wait for one webhook; while as many do, further comings and goings are not told to it. */
const WAITING = 1_000;

/** Written twice, they stand there once. @param network its id; one that is no more tells nobody. @returns how many deliveries there are to make. */
export async function recordConnections(
  db: D1Database,
  network: string,
  events: readonly ConnectionEvent[],
  now: number,
): Promise<number> {
  const { results } = await db
    .prepare(
      `INSERT OR IGNORE INTO webhook_deliveries (id, organisation_id, webhook_id, event, body, created_at, due_at)
       SELECT e.value ->> 'id' || '.' || w.id, n.organisation_id, w.id, e.value ->> 'action',
         json_object('id', e.value ->> 'id', 'at', e.value -> 'at', 'organisation', n.organisation_id, 'action', e.value ->> 'action',
           'target', (e.value ->> 'kind') || ' ' || n.name || '/' || (e.value ->> 'name'), 'network', n.name,
           e.value ->> 'kind', json(e.value -> 'who'), 'addresses', json(e.value -> 'addresses'), 'path', json(e.value -> 'path'),
           'since', e.value -> 'since', 'reason', json(e.value -> 'reason')), ?3, ?3
       FROM networks n JOIN webhooks w ON w.organisation_id = n.organisation_id JOIN json_each(?2) e
       WHERE n.id = ?1 AND EXISTS (SELECT 1 FROM json_each(w.events) asked WHERE (e.value ->> 'action') GLOB asked.value)
         AND (SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.due_at IS NOT NULL LIMIT ${WAITING})) < ${WAITING}
       RETURNING id`,
    )
    .bind(network, JSON.stringify(events.map(wordsOf)), now)
    .all();
  return results.length;
}

function wordsOf({ event, member, name, addresses, ...rest }: ConnectionEvent) {
  return {
    ...rest,
    ...{ name, who: { id: member, name }, action: `${rest.kind}.${event}` satisfies Action },
    addresses: addresses.map((each) => each.replace(each.includes(':') ? /\/128$/ : /\/32$/, '')),
  };
}
