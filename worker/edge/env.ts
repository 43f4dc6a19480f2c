// What the deployment binds: objects, database, secrets and variables (wrangler.toml).

import type { NetworkObject } from './network-object.ts';
import type { PeerObject } from './peer-object.ts';
import type { RelayObject } from './relay-object.ts';

export interface EdgeEnv {
  /** One object per route number, named by it in decimal. */
  readonly PEER: DurableObjectNamespace<PeerObject>;
  /** One object per network, named by its id; those of STRANGERS keep what belongs to none. */
  readonly NETWORK: DurableObjectNamespace<NetworkObject>;
  /** One object per relay, named by its id. */
  readonly RELAY: DurableObjectNamespace<RelayObject>;
  readonly DB: D1Database;
  /** Base64 of 32 octets: cookie secrets and everything sealed at rest hang from it. */
  readonly DEPLOYMENT_KEY: string;
  readonly RELAY_TOKEN: string;
  readonly OPERATOR_TOKEN: string;
  readonly GATEWAY_NAME: string;
  readonly PUBLIC_ADDRESS?: string;
  /** `debug`, `info`, `warn` or `error`; `info` when absent. */
  readonly LOG_LEVEL?: string;
}
