// Where a gateway is measured: a namespace for it, one for its clients, and a link between. Each gateway has a stage of its own.

import type { Host, Network } from '../test/lab/namespace.ts';

export interface Stage {
  readonly gateway: Host;
  readonly clients: Host;
  readonly gatewayAddress: string;
  /** Many, because a gateway may ration what comes from one. */
  readonly clientAddresses: readonly string[];
}

const CLIENT_ADDRESSES = 100;

/** @param prefix the first three octets of the link. */
export async function buildStage(network: Network, name: string, prefix: string): Promise<Stage> {
  const gateway = await network.host(name, 'router');
  const clients = await network.host(`${name}-clients`);
  await network.link(
    { host: gateway, port: 'outside', address: `${prefix}.1/24` },
    { host: clients, port: 'uplink', address: `${prefix}.2/24` },
  );
  const clientAddresses = Array.from({ length: CLIENT_ADDRESSES }, (_, i) => `${prefix}.${100 + i}`);
  const batch = clientAddresses.map((address) => `address add ${address}/24 dev uplink\n`).join('');
  await clients.run(['ip', '-batch', '-'], { input: batch });
  return { gateway, clients, gatewayAddress: `${prefix}.1`, clientAddresses };
}
