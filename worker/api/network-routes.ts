// /networks

import { Hono } from 'hono';
import { addNetwork, changeNetwork, listNetworks, removeNetwork } from '../directory/networks.ts';
import type { Env } from '../env.ts';
import { tellChanged } from './edge.ts';
import { readNetworkChanges, readNewNetwork } from './network-request.ts';
import { networkOf, ORGANISATION, readBody } from './request.ts';
import { answerRefusal } from './respond.ts';
import { viewNetwork } from './views.ts';

export const networkRoutes = new Hono<{ Bindings: Env }>();

networkRoutes.get('/', async (c) => {
  const networks = await listNetworks(c.env.DB, ORGANISATION);
  return c.json({ networks: networks.map(viewNetwork) });
});

networkRoutes.post('/', async (c) => {
  const body = await readBody(c);
  const input = body.ok ? readNewNetwork(body.value) : body;
  if (!input.ok) return answerRefusal(c, input.refusal);
  const added = await addNetwork(c.env.DB, ORGANISATION, input.value, Date.now());
  return added.ok ? c.json({ network: viewNetwork(added.value) }, 201) : answerRefusal(c, added.refusal);
});

networkRoutes.get('/:network', async (c) => {
  const network = await networkOf(c);
  return network.ok ? c.json({ network: viewNetwork(network.value) }) : answerRefusal(c, network.refusal);
});

networkRoutes.patch('/:network', async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const body = await readBody(c);
  const changes = body.ok ? readNetworkChanges(body.value, network.value) : body;
  if (!changes.ok) return answerRefusal(c, changes.refusal);
  const changed = await changeNetwork(c.env.DB, network.value, changes.value);
  await tellChanged(c, changed);
  return c.json({ network: viewNetwork(changed) });
});

networkRoutes.delete('/:network', async (c) => {
  const network = await networkOf(c);
  if (!network.ok) return answerRefusal(c, network.refusal);
  const removed = await removeNetwork(c.env.DB, network.value);
  return removed.ok ? c.json({ removed: network.value.name }) : answerRefusal(c, removed.refusal);
});
