// /networks

import { Hono } from 'hono';
import { type ApiEnv, require } from '../account/principal.ts';
import { type Change, changeEntry } from '../directory/audit.ts';
import { addNetwork, changeNetwork, listNetworks, removeNetwork } from '../directory/networks.ts';
import { tellChanged } from './edge.ts';
import { readNetworkChanges, readNewNetwork } from './network-request.ts';
import { networkOf, readBody } from './request.ts';
import { answerRefusal } from './respond.ts';
import { viewNetwork } from './views.ts';

export const networkRoutes = new Hono<ApiEnv>();

networkRoutes.get('/', require('networks:read'), async (c) => {
  const networks = await listNetworks(c.env.DB, c.var.principal.organisation);
  return c.json({ networks: networks.map(viewNetwork) });
});

networkRoutes.post('/', require('networks:write'), async (c) => {
  const body = await readBody(c);
  const input = body.ok ? readNewNetwork(body.value) : body;
  if (!input.ok) return answerRefusal(c, input.refusal);
  const { principal } = c.var;
  const now = Date.now();
  const { name } = input.value;
  const entry = changeEntry(
    c.env.DB,
    principal,
    { action: 'network.add', target: `network ${name}`, before: null, after: body.ok ? body.value : null },
    now,
  );
  const added = await addNetwork(c.env.DB, principal.organisation, input.value, now, [entry]);
  return added.ok ? c.json({ network: viewNetwork(added.value) }, 201) : answerRefusal(c, added.refusal);
});

networkRoutes.get('/:network', require('networks:read'), async (c) => {
  const network = await networkOf(c);
  return network.ok ? c.json({ network: viewNetwork(network.value) }) : answerRefusal(c, network.refusal);
});

networkRoutes.patch('/:network', require('networks:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const body = await readBody(c);
  const changes = body.ok ? readNetworkChanges(body.value, network.value) : body;
  if (!changes.ok) return answerRefusal(c, changes.refusal);
  const fields = Object.keys(changes.value);
  const [before, after] = [network.value, { ...network.value, ...changes.value }].map((each) => {
    const view = Object.entries(viewNetwork(each));
    return Object.fromEntries(view.filter(([name]) => fields.includes(name)));
  });
  const change: Change = { action: 'network.change', target: `network ${network.value.name}`, before, after };
  const entry = changeEntry(c.env.DB, c.var.principal, change, Date.now());
  const changed = await changeNetwork(c.env.DB, network.value, changes.value, [entry]);
  await tellChanged(c, changed);
  return c.json({ network: viewNetwork(changed) });
});

networkRoutes.delete('/:network', require('networks:write'), async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const { name } = network.value;
  const change: Change = {
    action: 'network.remove',
    target: `network ${name}`,
    before: viewNetwork(network.value),
    after: null,
  };
  const entry = changeEntry(c.env.DB, c.var.principal, change, Date.now());
  const removed = await removeNetwork(c.env.DB, network.value, [entry]);
  return removed.ok ? c.json({ removed: name }) : answerRefusal(c, removed.refusal);
});
