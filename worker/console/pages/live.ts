// The live feed of a network, and what the pages ask beside it.

import { Hono } from 'hono';
import { isSameOrigin } from '../../account/same-origin.ts';
import type { ConsoleEnv } from '../place.ts';

export const live = new Hono<ConsoleEnv>();

/** Browsers send the cookie with a WebSocket of any page, and the Origin with it: only our own pages may listen. */
live.get('/:network/live', async (c) => {
  const network = c.var.place.networks.find(({ id }) => id === c.req.param('network'));
  if (!network) return c.text('There is no such network.\n', 404);
  if (c.req.header('Upgrade') !== 'websocket') return c.text('This is a WebSocket.\n', 426);
  if (!isSameOrigin(c.env, c.req.raw)) return c.text('Only pages of this console listen here.\n', 403);
  return c.env.NETWORK.getByName(network.id).fetch(c.req.raw);
});
