// What wrangler.toml says of the Worker, for the runtime that `npm start` runs.

import type { WorkerOptions } from 'miniflare';
import type { Secrets, Settings } from './data-folder.ts';

/** The same as in wrangler.toml; a test compares them. */
export const COMPATIBILITY = { date: '2026-04-07', flags: ['nodejs_compat'] } as const;
export const OBJECTS = { PEER: 'PeerObject', NETWORK: 'NetworkObject', RELAY: 'RelayObject' } as const;

export interface EdgeConfig {
  readonly host: string;
  readonly port: number;
  /** The data folder. */
  readonly data: string;
  readonly secrets: Secrets;
  readonly settings: Settings;
  readonly portIke: number;
  readonly portNatT: number;
  readonly logLevel: string;
  /** Where browsers see the console; empty: where their requests come to. */
  readonly consoleUrl: string;
  /** `open` or `invited`. */
  readonly signUp: string;
  /** The bundled Worker. */
  readonly script: string;
  /** The folder of the console's files; without it pages are plain. */
  readonly console?: string;
}

export function workerOptions(config: EdgeConfig): WorkerOptions {
  return {
    name: 'culvert',
    modules: [{ type: 'ESModule', path: 'entry.js', contents: config.script }],
    compatibilityDate: COMPATIBILITY.date,
    compatibilityFlags: [...COMPATIBILITY.flags],
    bindings: {
      DEPLOYMENT_KEY: config.secrets.deploymentKey,
      RELAY_TOKEN: config.secrets.relayToken,
      OPERATOR_TOKEN: config.secrets.operatorToken,
      GATEWAY_NAME: config.settings.gatewayName,
      PUBLIC_ADDRESS: config.settings.publicAddress,
      PORT_IKE: String(config.portIke),
      PORT_NAT_T: String(config.portNatT),
      LOG_LEVEL: config.logLevel,
      CONSOLE_URL: config.consoleUrl,
      SIGN_UP: config.signUp,
      // The log is the operator's own screen.
      PRINT_MAIL: 'yes',
      MAIL_FROM: '',
    },
    // No router stands between relays and the Worker, as Miniflare's own assets would have it: the Worker hands files out itself.
    ...(config.console ? { serviceBindings: { ASSETS: { disk: { path: config.console } } } } : {}),
    d1Databases: { DB: 'culvert' },
    durableObjects: Object.fromEntries(
      Object.entries(OBJECTS).map(([binding, className]) => [binding, { className, useSQLite: true }]),
    ),
  };
}
