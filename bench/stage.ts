// Where a gateway is measured: a namespace for it, one for its clients, and a link between. Each gateway has a stage of its own.

import { join } from 'node:path';
import type { Network } from '../test/lab/namespace.ts';
import { type Ground, LoopbackGround, NamespaceGround } from './ground.ts';

export interface Stage<G extends Ground = Ground> {
  readonly gateway: G;
  readonly clients: G;
  readonly gatewayAddress: string;
  /** Many, because a gateway may ration what comes from one. */
  readonly clientAddresses: readonly string[];
}

const CLIENT_ADDRESSES = 100;

/** @param prefix the first three octets of the link. */
export async function buildStage(network: Network, name: string, prefix: string): Promise<Stage<NamespaceGround>> {
  const gateway = await network.host(name, 'router');
  const clients = await network.host(`${name}-clients`);
  await network.link(
    { host: gateway, port: 'outside', address: `${prefix}.1/24` },
    { host: clients, port: 'uplink', address: `${prefix}.2/24` },
  );
  await gateway.cutsSegments('outside');
  const clientAddresses = addressesOf(prefix);
  const batch = clientAddresses.map((address) => `address add ${address}/24 dev uplink\n`).join('');
  await clients.run(['ip', '-batch', '-'], { input: batch });
  return {
    gateway: new NamespaceGround(gateway),
    clients: new NamespaceGround(clients),
    gatewayAddress: `${prefix}.1`,
    clientAddresses,
  };
}

/** Without root: both ends on this machine's loopback, where every address of 127.0.0.0/8 is at home. */
export function loopbackStage(directory: string, name: string): Stage {
  return {
    gateway: new LoopbackGround(join(directory, name)),
    clients: new LoopbackGround(join(directory, `${name}-clients`)),
    gatewayAddress: '127.0.0.1',
    clientAddresses: addressesOf('127.1.0'),
  };
}

function addressesOf(prefix: string): string[] {
  return Array.from({ length: CLIENT_ADDRESSES }, (_, i) => `${prefix}.${100 + i}`);
}
