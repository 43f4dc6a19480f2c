// The HTTP API, mounted at /api.

import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiEnv } from '../account/principal.ts';
import { refuse } from '../directory/refusal.ts';
import { authorityRoutes } from './authority-routes.ts';
import { admit } from './door.ts';
import { activityRoutes } from './activity-routes.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { linkRoutes } from './link-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { liveRoutes } from './live-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { networkRoutes } from './network-routes.ts';
import { openApiDocument } from './openapi/document.ts';
import { organisationRoutes } from './organisation-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import { type ApiContext, answerRefusal } from './respond.ts';
import { suspensionRoutes } from './suspension-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { tellWebhooks } from './webhook-call.ts';
import { webhookRoutes } from './webhook-routes.ts';

const LARGEST_BODY = 16_384;
/** A policy with as many rules as there can be, all of the usual length. */
const LARGEST_POLICY = 262_144;
const POLICY = /\/policy(\/dry-run)?$/;

export const api = new Hono<ApiEnv>();

api.get('/openapi.json', (c) => c.json(openApiDocument()));

api.use('*', async (c, next) => {
  c.header('Cache-Control', 'no-store');
  const admitted = await admit(c.env, c.req.raw);
  if (!admitted.ok) return answerRefusal(c, admitted.refusal);
  c.set('principal', admitted.value.principal);
  await next();
  if (c.req.method !== 'GET') tellWebhooks(c);
  for (const cookie of admitted.value.cookies) c.header('Set-Cookie', cookie, { append: true });
});

const limits = { usual: limitedTo(LARGEST_BODY), policy: limitedTo(LARGEST_POLICY) };

api.use('*', (c, next) => (POLICY.test(c.req.path) ? limits.policy : limits.usual)(c, next));

api.route('/networks', networkRoutes);
api.route('/networks/:network', memberRoutes);
api.route('/networks/:network', suspensionRoutes);
api.route('/networks/:network', profileRoutes);
api.route('/networks/:network', groupRoutes);
api.route('/networks/:network', policyRoutes);
api.route('/', peopleRoutes);
api.route('/', organisationRoutes);
api.route('/', activityRoutes);
api.route('/invitations', invitationRoutes);
api.route('/tokens', tokenRoutes);
api.route('/webhooks', webhookRoutes);
api.route('/', linkRoutes);
api.route('/', authorityRoutes);
api.route('/', metricsRoutes);
// Behind the others: what no other route calls by name is a command.
api.route('/', liveRoutes);

api.all('*', (c) =>
  answerRefusal(
    c,
    refuse('not-found', `There is no ${c.req.method} ${c.req.path}.`, 'The calls are listed in docs/api.md.').refusal,
  ),
);

api.onError((thrown, c) => {
  if (/no such table/.test(thrown.message)) {
    return answerRefusal(
      c,
      refuse(
        'not-configured',
        'The database has no tables yet.',
        "Make them: 'npx wrangler d1 migrations apply culvert'.",
      ).refusal,
    );
  }
  // What SQLite and the runtime say is for the log; it names tables and columns, never values.
  console.error(
    JSON.stringify({
      level: 'error',
      room: 'api',
      event: 'request-failed',
      method: c.req.method,
      error: thrown.message,
    }),
  );
  return answerRefusal(
    c,
    refuse(
      'internal',
      'Something failed that should not have.',
      "Try again; if it stays so, the edge's log tells more.",
    ).refusal,
  );
});

function limitedTo(octets: number) {
  return bodyLimit({
    maxSize: octets,
    onError: (c) =>
      answerRefusal(
        c as ApiContext,
        refuse(
          'body-too-large',
          `The body is longer than ${octets} octets.`,
          'Send one network, device or site at a time.',
        ).refusal,
      ),
  });
}
