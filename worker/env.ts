// What the deployment binds, as the control plane sees it: database, objects, secrets and variables (wrangler.toml).

import type { NetworkRpc, Objects, PeerRpc } from './edge/rpc.ts';

export interface Env {
  readonly DB: D1Database;
  /** One object per route number, named by it in decimal. */
  readonly PEER: Objects<PeerRpc>;
  /** One object per network, named by its id. */
  readonly NETWORK: Objects<NetworkRpc>;
  readonly RELAY: Objects<unknown>;
  /** Base64 of 32 octets: everything that is sealed at rest hangs from it. */
  readonly DEPLOYMENT_KEY: string;
  readonly RELAY_TOKEN: string;
  readonly OPERATOR_TOKEN: string;
  /** Name or address in the gateway's certificate, and its identity in IKE. */
  readonly GATEWAY_NAME: string;
  /** Name or address that clients dial; GATEWAY_NAME when absent. */
  readonly PUBLIC_ADDRESS?: string;
  /** UDP ports of the relays where they are not 500 and 4500, in decimal. */
  readonly PORT_IKE?: string;
  readonly PORT_NAT_T?: string;
  /** Last labels of the FQDN identities `site.network.DOMAIN`; `culvert` when absent. */
  readonly DEPLOYMENT_DOMAIN?: string;
  /** Where browsers see the console, such as `https://console.example.com`; where a request came to, when absent. */
  readonly CONSOLE_URL?: string;
  /** `open`: whoever comes may sign up and has an organisation of their own. Otherwise an invitation is needed. */
  readonly SIGN_UP?: string;
  /** Cloudflare Email Sending; without it no mail leaves the deployment. */
  readonly EMAIL?: MailBinding;
  /** The sender of mails. */
  readonly MAIL_FROM?: string;
  /** `yes` where the log is the operator's own screen (`npm start`): mails that cannot be sent are printed there. */
  readonly PRINT_MAIL?: string;
  /** Files of the console, where nothing in front of the Worker hands them out. */
  readonly ASSETS?: { fetch(url: string): Promise<Response> };
}

export interface MailBinding {
  send(mail: {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
  }): Promise<unknown>;
}
