// What routes take from a request: the JSON body, the network that it names, the keys of the deployment.

import { Vault } from '../ca/vault.ts';
import type { Registrar } from '../directory/enrol.ts';
import { gatewayNames } from '../directory/gateway.ts';
import { deploymentDomain } from '../directory/names.ts';
import { findNetwork, type Network } from '../directory/networks.ts';
import { done, refuse, type Result } from '../directory/refusal.ts';
import type { Env } from '../env.ts';
import type { ApiContext } from './respond.ts';

export async function readBody(c: ApiContext): Promise<Result<unknown>> {
  try {
    return done(JSON.parse(await c.req.text()));
  } catch {
    return refuse('bad-request', 'The body is not JSON.', "Send a JSON object with 'Content-Type: application/json'.");
  }
}

export function networkOf(c: ApiContext): Promise<Result<Network>> {
  return findNetwork(c.env.DB, c.var.principal.organisation, c.req.param('network') ?? '');
}

export function registrarOf({ env }: ApiContext): Promise<Registrar> {
  return registrarFor(env);
}

export async function registrarFor(env: Env): Promise<Registrar> {
  const vault = await Vault.open(env.DEPLOYMENT_KEY);
  return { db: env.DB, vault, domain: deploymentDomain(env), gatewayNames: gatewayNames(env) };
}
