// Webhooks: which path shows what one was told, and what changes them.

import { Hono } from 'hono';
import { goTo } from '../../answer.tsx';
import { callApi, part } from '../../call.ts';
import { allowed, takeForm } from '../../door.ts';
import { Typed } from '../../form.ts';
import { type ConsoleEnv, linkTo } from '../../place.ts';
import { deliveriesPage } from './deliveries.tsx';
import { settingsPage } from './page.tsx';

export const webhooks = new Hono<ConsoleEnv>();

webhooks.post('/', allowed('settings:write'), async (c) => {
  const form = await takeForm(c, 'webhooks');
  if (!form) return goTo(c, 'settings');
  const made = await callApi<{ webhook: { secret: string } }>(c, 'POST', '/webhooks', {
    url: form.value('url').trim(),
    events: form.list('events'),
  });
  if (!made.ok) return settingsPage(c, 'webhooks', form.refuse(made.refusal));
  return settingsPage(c, 'webhooks', new Typed('webhooks'), made.value.webhook.secret);
});

webhooks.get('/:id', (c) => deliveriesPage(c));

webhooks.post('/:id/test', allowed('settings:write'), async (c) => {
  const id = c.req.param('id');
  if (!(await takeForm(c, 'test'))) return goTo(c, 'settings');
  const told = await callApi(c, 'POST', `/webhooks/${part(id)}/test`);
  return told.ok ? goTo(c, `settings/webhooks/${part(id)}`, 'webhook-tested') : deliveriesPage(c, told.refusal);
});

webhooks.post('/:id/repeat', allowed('settings:write'), async (c) => {
  const id = c.req.param('id');
  const form = await takeForm(c, 'repeat');
  if (!form) return goTo(c, 'settings');
  const told = await callApi(c, 'POST', `/webhooks/${part(id)}/deliveries/${part(form.value('delivery'))}/repeat`);
  return told.ok ? goTo(c, `settings/webhooks/${part(id)}`, 'delivery-repeated') : deliveriesPage(c, told.refusal);
});

webhooks.post('/:id/remove', allowed('settings:write'), async (c) => {
  if (!(await takeForm(c, 'remove'))) return goTo(c, 'settings');
  const removed = await callApi(c, 'DELETE', `/webhooks/${part(c.req.param('id'))}`);
  if (!removed.ok) return settingsPage(c, 'webhooks', new Typed('webhooks').refuse(removed.refusal));
  return c.redirect(linkTo(c.var.place, 'settings', { tab: 'webhooks', note: 'webhook-removed' }), 303);
});
