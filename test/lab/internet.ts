// The internet of a laboratory: a router with the clients on one side and the gateway's host on the other, behind a NAT of its own or not.

import { GATEWAY_ADDRESS, GATEWAY_ADDRESS_6 } from './gateway.ts';
import type { Host, Network } from './namespace.ts';
import { publish, translate } from './nat.ts';

/** Where the gateway is when it is behind a NAT itself. */
const HIDDEN_ADDRESS = '10.99.0.2';

/** The internet's own IPv6 addresses, on the gateway's side and on that of the clients. */
const CORE_6 = '2001:db8:0:203::fe';
export const ACCESS_6 = '2001:db8:0:198::fe';

/** The internet's own IPv4 address on the side of the clients. */
export const ACCESS = '198.51.100.254';

export interface Internet {
  readonly router: Host;
  readonly gatewayHost: Host;
  /** The NAT before the gateway, or the gateway's host itself. */
  readonly front: Host;
  /** Of the gateway's host. */
  readonly address: string;
}

export async function buildInternet(network: Network, behindNat: boolean, ipv6: boolean): Promise<Internet> {
  const router = await network.host('internet', 'router');
  const gatewayHost = await network.host('gateway', 'router');
  await router.bridge('core', '203.0.113.254/24');
  await router.bridge('access', `${ACCESS}/24`);
  if (ipv6) await routeIpv6(router);
  const front = behindNat ? await network.host('gateway-nat', 'router') : gatewayHost;
  await network.link(
    { host: router, port: 'to-gateway' },
    { host: front, port: 'outside', address: `${GATEWAY_ADDRESS}/24` },
  );
  await router.join('core', 'to-gateway');
  await front.defaultRoute('203.0.113.254');
  if (ipv6) await front.address6('outside', `${GATEWAY_ADDRESS_6}/64`, CORE_6);
  if (behindNat) await hideGateway(network, front, gatewayHost);
  await gatewayHost.cutsSegments('outside');
  return { router, gatewayHost, front, address: behindNat ? HIDDEN_ADDRESS : GATEWAY_ADDRESS };
}

async function routeIpv6(router: Host): Promise<void> {
  await router.run(['sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1']);
  await router.ip('address', 'add', `${CORE_6}/64`, 'dev', 'core', 'nodad');
  await router.ip('address', 'add', `${ACCESS_6}/64`, 'dev', 'access', 'nodad');
}

/** Links the gateway to a NAT that forwards IKE to it. */
async function hideGateway(network: Network, nat: Host, gateway: Host): Promise<void> {
  await network.link(
    { host: nat, port: 'inside', address: '10.99.0.1/24' },
    { host: gateway, port: 'outside', address: `${HIDDEN_ADDRESS}/24` },
  );
  await gateway.defaultRoute('10.99.0.1');
  await translate(nat, 'outside', 'masquerade');
  await publish(nat, 'outside', HIDDEN_ADDRESS);
}
