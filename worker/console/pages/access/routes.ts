// Access: which path shows who may reach what, and what changes it.

import { Hono } from 'hono';
import { goTo } from '../../answer.tsx';
import { callApi, part } from '../../call.ts';
import { allowed, takeForm } from '../../door.ts';
import { Typed } from '../../form.ts';
import type { ConsoleEnv } from '../../place.ts';
import { groups } from './group-routes.ts';
import { accessPage } from './page.tsx';
import { policyOf } from './policy.ts';
import { showTrial } from './trial.tsx';
import { changed, readWanted } from './wanted.ts';

export const access = new Hono<ConsoleEnv>();

access.route('/groups', groups);

access.get('/', (c) => accessPage(c, new Typed('rule')));

/** Tries a change: nothing is in force yet. */
access.post('/try', allowed('policy:write'), async (c) => {
  const form = await takeForm(c, 'rule');
  const { network } = c.var.place;
  if (!form || !network) return goTo(c, 'access');
  const policy = await policyOf(c, network);
  if (!policy) return goTo(c, 'access');
  const wanted = changed(policy, form);
  return showTrial(c, network, wanted, form);
});

access.post('/apply', allowed('policy:write'), async (c) => {
  const form = await takeForm(c, 'apply');
  const { network } = c.var.place;
  const wanted = form && readWanted(form.value('policy'));
  if (!wanted || !network) return goTo(c, 'access');
  const saved = await callApi(c, 'PUT', `/networks/${part(network.name)}/policy`, wanted);
  return saved.ok ? goTo(c, 'access', 'policy-saved') : accessPage(c, new Typed('rule').refuse(saved.refusal));
});
