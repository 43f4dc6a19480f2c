// Who is let into the API, once the deployment has what it needs: the operator, whoever holds a token, whoever is signed in.

import { foreignRequest } from '../account/same-origin.ts';
import { DEFAULT_ORGANISATION, operatorPrincipal, type Principal, tokenPrincipal } from '../account/principal.ts';
import { principalOf, readSession } from '../account/session.ts';
import { isScope } from '../account/scopes.ts';
import { isDeploymentKey } from '../ca/vault.ts';
import { TOKEN_PREFIX, useApiToken } from '../directory/api-tokens.ts';
import { shorten } from '../directory/names.ts';
import { findOrganisation } from '../directory/organisations.ts';
import { done, type Refused, refuse, type Result } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import { isOperator } from './operator.ts';

/** Names the organisation that is meant, where somebody has more than one. */
export const ORGANISATION_HEADER = 'X-Culvert-Organisation';

export interface Admitted {
  readonly principal: Principal;
  /** Set-Cookie headers for the answer. */
  readonly cookies: readonly string[];
}

export async function admit(env: Env, request: Request): Promise<Result<Admitted>> {
  const unready = notReady(env);
  if (unready) return unready;
  const organisation = request.headers.get(ORGANISATION_HEADER);
  const authorization = request.headers.get('Authorization');
  return authorization === null ? bySession(env, request, organisation) : byToken(env, authorization, organisation);
}

async function byToken(env: Env, authorization: string, organisation: string | null): Promise<Result<Admitted>> {
  if (!isOperator(authorization, env.OPERATOR_TOKEN)) return byApiToken(env, authorization, organisation);
  const id = organisation ?? DEFAULT_ORGANISATION;
  if (!(await findOrganisation(env.DB, id))) return unknownOrganisation(id);
  return done({ principal: operatorPrincipal(id), cookies: [] });
}

async function byApiToken(env: Env, authorization: string, organisation: string | null): Promise<Result<Admitted>> {
  const text = new RegExp(`^Bearer +(${TOKEN_PREFIX}[\\w-]{43}) *$`, 'i').exec(authorization)?.[1];
  const used = text === undefined ? null : await useApiToken(env.DB, text, Date.now());
  if (!used) {
    return refuse(
      'unauthorised',
      'The token is wrong, was taken back or has expired.',
      "Send a token of yours as 'Authorization: Bearer TOKEN'; the operator's stands in the file operator-token of the gateway's data folder.",
    );
  }
  if (organisation !== null && organisation !== used.organisation) return unknownOrganisation(organisation);
  const { name, scopes } = used.token;
  return done({ principal: tokenPrincipal(used.organisation, name, scopes.filter(isScope)), cookies: [] });
}

async function bySession(env: Env, request: Request, organisation: string | null): Promise<Result<Admitted>> {
  const session = await readSession(env, request);
  if (!session) {
    return refuse(
      'unauthorised',
      'You are not signed in, and sent no token.',
      "Sign in to the console, or send a token as 'Authorization: Bearer TOKEN'.",
    );
  }
  const foreign = foreignRequest(env, request);
  if (foreign) return foreign;
  const principal = await principalOf(env, session.user, organisation);
  return principal ? done({ principal, cookies: session.cookies }) : unknownOrganisation(organisation ?? '');
}

/** The same whether it exists and is not yours, or does not exist. */
function unknownOrganisation(id: string): Refused {
  return refuse(
    'unknown-organisation',
    id === '' ? 'You belong to no organisation.' : `You belong to no organisation '${shorten(id)}'.`,
    "Ask to be invited, or leave the header 'X-Culvert-Organisation' out.",
  );
}

function notReady(env: Env): Refused | null {
  if (!env.OPERATOR_TOKEN) {
    return notConfigured(
      'This deployment has no operator token, so nobody can be let in.',
      "Set one: 'openssl rand -hex 32 | npx wrangler secret put OPERATOR_TOKEN'.",
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
