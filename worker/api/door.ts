// Who is let into the API: the operator, once the deployment has what it needs.

import { isDeploymentKey } from '../ca/vault.ts';
import { type Refused, refuse } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { isOperator } from './operator.ts';

/** @param authorization the request's header. @returns null for the operator. */
export function closedTo(authorization: string | undefined, env: Env): Refused | null {
  if (!env.OPERATOR_TOKEN) {
    return notConfigured(
      'This deployment has no operator token, so nobody can be let in.',
      "Set one: 'openssl rand -hex 32 | npx wrangler secret put OPERATOR_TOKEN'.",
    );
  }
  if (!isOperator(authorization, env.OPERATOR_TOKEN)) {
    return refuse(
      'unauthorised',
      'The operator token is missing or wrong.',
      "Send it as 'Authorization: Bearer TOKEN'; the gateway keeps it in the file operator-token of its data folder.",
    );
  }
  if (!env.GATEWAY_NAME) {
    return notConfigured(
      'The gateway has no name, so no certificate can be made for it.',
      'Set GATEWAY_NAME in wrangler.toml.',
    );
  }
  if (isDeploymentKey(env.DEPLOYMENT_KEY)) return null;
  return notConfigured(
    'DEPLOYMENT_KEY is missing or is not base64 of 32 octets, so no secret could be stored.',
    "Set it: 'openssl rand -base64 32 | npx wrangler secret put DEPLOYMENT_KEY'.",
  );
}

function notConfigured(message: string, next: string): Refused {
  return refuse('not-configured', message, next);
}
