// The operator's HTTP API, mounted at /api.

import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { refuse } from '../directory/refusal.ts';
import { isDeploymentKey } from '../ca/vault.ts';
import type { Env } from '../env.ts';
import { liveRoutes } from './live-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { networkRoutes } from './network-routes.ts';
import { isOperator } from './operator.ts';
import { profileRoutes } from './profile-routes.ts';
import { answerRefusal } from './respond.ts';

const LARGEST_BODY = 16_384;

export const api = new Hono<{ Bindings: Env }>();

api.use('*', async (c, next) => {
  c.header('Cache-Control', 'no-store');
  if (!c.env.OPERATOR_TOKEN) {
    return answerRefusal(
      c,
      refuse(
        'not-configured',
        'This deployment has no operator token, so nobody can be let in.',
        "Set one: 'npx wrangler secret put OPERATOR_TOKEN'.",
      ).refusal,
    );
  }
  if (!isOperator(c.req.header('Authorization'), c.env.OPERATOR_TOKEN)) {
    return answerRefusal(
      c,
      refuse(
        'unauthorised',
        'The operator token is missing or wrong.',
        "Send it as 'Authorization: Bearer TOKEN'; the gateway keeps it in the file operator-token of its data folder.",
      ).refusal,
    );
  }
  if (!isDeploymentKey(c.env.DEPLOYMENT_KEY)) {
    return answerRefusal(
      c,
      refuse(
        'not-configured',
        'DEPLOYMENT_KEY is missing or is not base64 of 32 octets, so no secret could be stored.',
        "Set it: 'openssl rand -base64 32 | npx wrangler secret put DEPLOYMENT_KEY'.",
      ).refusal,
    );
  }
  return next();
});

api.use(
  '*',
  bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (c) =>
      answerRefusal(
        c,
        refuse(
          'body-too-large',
          `The body is longer than ${LARGEST_BODY} octets.`,
          'Send one network, device or site at a time.',
        ).refusal,
      ),
  }),
);

api.route('/networks', networkRoutes);
api.route('/networks/:network', memberRoutes);
api.route('/networks/:network', profileRoutes);
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
  // The message of an unforeseen error may hold names; the log is for the operator, the answer is not the place.
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
