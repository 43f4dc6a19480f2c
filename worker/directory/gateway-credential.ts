// The gateway's credential as IKE uses it. The key is kept for the life of the isolate; what networks decide, for seconds.

import type { GatewayCredential } from '../../src/ike/pad.ts';
import { utf8 } from '../../src/bytes/octets.ts';
import { IdType } from '../../src/wire/ike-numbers.ts';
import type { Identity } from '../../src/wire/payload.ts';
import { parseAddress } from '../../src/wire/prefix.ts';
import { signEcdsa } from '../ca/ecdsa.ts';
import { isDeploymentKey, Vault } from '../ca/vault.ts';
import type { Env } from '../env.ts';
import { listAuthorities } from './authorities.ts';
import { type GatewayKey, gatewayKey, gatewayNames } from './gateway.ts';

type GatewayEnv = Pick<Env, 'DB' | 'DEPLOYMENT_KEY' | 'GATEWAY_NAME' | 'PUBLIC_ADDRESS'>;

/** Of which one CERTREQ payload speaks: more would make IKE_SA_INIT too long for one datagram. */
const AUTHORITIES = 32;
/** IKE_SA_INIT asks, and comes from anybody: not each one shall cost a query. */
const POLICY_MS = 10_000;
const KEY_MS = 24 * 3_600_000;

interface Held {
  readonly deployment: string;
  readonly key: GatewayKey;
  readonly keyUntil: number;
  readonly authorities: readonly Uint8Array[];
  readonly legacy: boolean;
  readonly policyUntil: number;
}

/** Values only: a promise that another request has begun must not be waited for. */
let held: Held | null = null;

/** @param now ms. */
export async function gatewayCredential(env: GatewayEnv, now: number): Promise<GatewayCredential> {
  const deployment = [env.DEPLOYMENT_KEY, ...gatewayNames(env)].join(' ');
  const mine = held?.deployment === deployment ? held : null;
  if (mine && now < mine.policyUntil) return credential(env, mine);
  const fresh = mine && now < mine.keyUntil ? mine.key : await readKey(env, now);
  const policy = await readPolicy(env.DB);
  held = {
    ...{ deployment, key: fresh, ...policy, policyUntil: now + POLICY_MS },
    keyUntil: mine && fresh === mine.key ? mine.keyUntil : now + KEY_MS,
  };
  return credential(env, held);
}

async function readKey(env: GatewayEnv, now: number): Promise<GatewayKey> {
  if (!isDeploymentKey(env.DEPLOYMENT_KEY)) throw new Error('DEPLOYMENT_KEY must be base64 of 32 octets');
  return gatewayKey(env.DB, await Vault.open(env.DEPLOYMENT_KEY), gatewayNames(env), now);
}

async function readPolicy(db: D1Database): Promise<Pick<Held, 'authorities' | 'legacy'>> {
  const weak = await db
    .prepare('SELECT EXISTS (SELECT 1 FROM networks WHERE legacy = 1) AS legacy')
    .first<number>('legacy');
  const authorities = await listAuthorities(db, AUTHORITIES);
  const digests = authorities.map(({ view }) => crypto.subtle.digest('SHA-1', view.publicKey));
  return { authorities: (await Promise.all(digests)).map((digest) => new Uint8Array(digest)), legacy: weak === 1 };
}

function credential(env: GatewayEnv, { key, authorities, legacy }: Held): GatewayCredential {
  return {
    identity: gatewayIdentity(gatewayNames(env)[0]!),
    chain: [key.certificate],
    publicKey: key.publicKey,
    sign: (scheme, message) => signEcdsa(key.signingKey, scheme, message),
    authorities,
    legacy,
  };
}

function gatewayIdentity(name: string): Identity {
  const address = parseAddress(name);
  if (!address) return { idType: IdType.FQDN, data: utf8(name) };
  return { idType: address.length === 4 ? IdType.IPV4_ADDR : IdType.IPV6_ADDR, data: address };
}
