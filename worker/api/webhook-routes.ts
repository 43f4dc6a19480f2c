// /webhooks: who is told of changes, and what came of it.

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { Vault } from '../ca/vault.ts';
import { EVENTS } from '../directory/actions.ts';
import { type Change, changeEntry } from '../directory/audit.ts';
import { shorten } from '../directory/names.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import { checkWebhookUrl } from '../directory/webhook-url.ts';
import { addTest, listDeliveries, repeatDelivery } from '../directory/webhook-deliveries.ts';
import { addWebhook, findWebhook, listWebhooks, MOST_WEBHOOKS, removeWebhook } from '../directory/webhooks.ts';
import { Fields } from './fields.ts';
import { readBody } from './request.ts';
import { answerRefusal } from './respond.ts';

export const webhookRoutes = new Hono<ApiEnv>();

const MOST_EVENTS = 32;

webhookRoutes.get('/', require('settings:read'), async (c) => {
  return c.json({ webhooks: await listWebhooks(c.env.DB, c.var.principal.organisation) });
});

webhookRoutes.post('/', require('settings:write'), async (c) => {
  const { principal } = c.var;
  const body = await readBody(c);
  const input = body.ok ? readWebhook(body.value) : body;
  if (!input.ok) return answerRefusal(c, input.refusal);
  if ((await listWebhooks(c.env.DB, principal.organisation)).length >= MOST_WEBHOOKS) {
    const message = `An organisation has at most ${MOST_WEBHOOKS} webhooks.`;
    return answerRefusal(c, refuse('too-many', message, 'Remove one that is no longer needed.').refusal);
  }
  const now = Date.now();
  const { url, events } = input.value;
  const change: Change = {
    action: 'webhook.add',
    target: `webhook ${new URL(url).host}`,
    before: null,
    after: { events },
  };
  const entry = changeEntry(c.env.DB, principal, change, now);
  const vault = await Vault.open(c.env.DEPLOYMENT_KEY);
  const added = await addWebhook(c.env.DB, vault, principal.organisation, input.value, [entry], now);
  return c.json({ webhook: { ...added.webhook, secret: added.secret } }, 201);
});

webhookRoutes.delete('/:webhook', require('settings:write'), async (c) => {
  const { principal } = c.var;
  const webhook = await findWebhook(c.env.DB, principal.organisation, c.req.param('webhook'));
  if (!webhook.ok) return answerRefusal(c, webhook.refusal);
  const { id, url, events } = webhook.value;
  const change: Change = {
    action: 'webhook.remove',
    target: `webhook ${new URL(url).host}`,
    before: { events },
    after: null,
  };
  await removeWebhook(c.env.DB, webhook.value, changeEntry(c.env.DB, principal, change, Date.now()));
  return c.json({ removed: id });
});

webhookRoutes.get('/:webhook/deliveries', require('settings:read'), async (c) => {
  const webhook = await findWebhook(c.env.DB, c.var.principal.organisation, c.req.param('webhook'));
  if (!webhook.ok) return answerRefusal(c, webhook.refusal);
  return c.json({ deliveries: await listDeliveries(c.env.DB, webhook.value) });
});

/** Tells it once more, whatever came of it. */
webhookRoutes.post('/:webhook/deliveries/:delivery/repeat', require('settings:write'), async (c) => {
  const { principal } = c.var;
  const webhook = await findWebhook(c.env.DB, principal.organisation, c.req.param('webhook'));
  if (!webhook.ok) return answerRefusal(c, webhook.refusal);
  const delivery = c.req.param('delivery');
  const target = `webhook ${new URL(webhook.value.url).host}`;
  const now = Date.now();
  const change: Change = { action: 'webhook.repeat', target, before: null, after: { delivery: shorten(delivery) } };
  const entry = changeEntry(c.env.DB, principal, change, now);
  const repeated = await repeatDelivery(c.env.DB, webhook.value, delivery, entry, now);
  if (!repeated.ok) return answerRefusal(c, repeated.refusal);
  return c.json({ delivery }, 202);
});

/** Tells the server something that means nothing; what came of it stands among the deliveries. */
webhookRoutes.post('/:webhook/test', require('settings:write'), async (c) => {
  const { organisation } = c.var.principal;
  const webhook = await findWebhook(c.env.DB, organisation, c.req.param('webhook'));
  if (!webhook.ok) return answerRefusal(c, webhook.refusal);
  const delivery = await addTest(c.env.DB, organisation, webhook.value, Date.now());
  return c.json({ delivery }, 202);
});

function readWebhook(body: unknown): Result<{ url: string; events: string[] }> {
  const fields = new Fields(body, ['url', 'events']);
  const url = checkWebhookUrl(fields.string('url') ?? '');
  if (!url.ok) fields.refuse(url);
  const events = fields.strings('events', MOST_EVENTS) ?? ['*'];
  const wrong = events.find((event) => !EVENTS.includes(event));
  if (wrong !== undefined || events.length === 0) {
    const message =
      wrong === undefined ? 'A webhook without events is never told anything.' : `'${shorten(wrong)}' is no event.`;
    fields.refuse(
      refuse(
        'bad-value',
        message,
        "Write one of the activity such as 'device.add', all of an area as 'device.*', or '*' for all: /docs/api lists them.",
      ),
      'events',
    );
  }
  return fields.refused ?? done({ url: url.ok ? url.value : '', events });
}
