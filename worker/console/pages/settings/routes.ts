// Settings: which path shows them, and what changes them.

import { Hono } from 'hono';
import { goTo } from '../../answer.tsx';
import { callApi, part } from '../../call.ts';
import { allowed, takeForm } from '../../door.ts';
import { Typed } from '../../form.ts';
import { type ConsoleEnv, linkTo } from '../../place.ts';
import { settingsPage, tabOf } from './page.tsx';
import { overlapIn, rotationPage } from './rotation.tsx';
import { webhooks } from './webhook-routes.ts';

export const settings = new Hono<ConsoleEnv>();

settings.route('/webhooks', webhooks);

settings.get('/', (c) => settingsPage(c, tabOf(c.var.place.query.get('tab'))));

settings.post('/network', allowed('networks:write'), async (c) => {
  const form = await takeForm(c, 'network');
  const { network } = c.var.place;
  if (!form || !network) return goTo(c, 'settings');
  const saved = await callApi(c, 'PATCH', `/networks/${part(network.name)}`, {
    mtu: Number(form.value('mtu')),
    ikeLifetimeSeconds: Number(form.value('ikeLifetimeSeconds')),
    childLifetimeSeconds: Number(form.value('childLifetimeSeconds')),
  });
  return saved.ok ? goTo(c, 'settings', 'network-changed') : settingsPage(c, 'network', form.refuse(saved.refusal));
});

settings.post('/authority/rotation', allowed('settings:write'), async (c) => {
  const form = await takeForm(c, 'authority');
  if (!form) return goTo(c, 'settings');
  if (form.value('sure') !== 'yes') return rotationPage(c, form);
  const rotated = await callApi(c, 'POST', '/authority/rotation', overlapIn(form));
  if (!rotated.ok) return settingsPage(c, 'authority', form.refuse(rotated.refusal));
  return c.redirect(linkTo(c.var.place, 'settings', { tab: 'authority', note: 'authority-rotated' }), 303);
});

settings.post('/tokens', allowed('settings:write'), async (c) => {
  const form = await takeForm(c, 'tokens');
  if (!form) return goTo(c, 'settings');
  const input = { name: form.value('name'), scopes: form.values('scopes'), days: Number(form.value('days')) };
  const made = await callApi<{ token: { secret: string } }>(c, 'POST', '/tokens', input);
  if (!made.ok) return settingsPage(c, 'tokens', form.refuse(made.refusal));
  return settingsPage(c, 'tokens', new Typed('tokens'), made.value.token.secret);
});

settings.post('/tokens/:id/revoke', allowed('settings:write'), async (c) => {
  if (await takeForm(c, 'revoke')) await callApi(c, 'DELETE', `/tokens/${part(c.req.param('id'))}`);
  return c.redirect(linkTo(c.var.place, 'settings', { tab: 'tokens', note: 'token-revoked' }), 303);
});
