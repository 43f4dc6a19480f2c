// RFC 3715 section 2.1 e: the same prefix behind two sites, in networks of their own.
// Requirements: rfc3715-3-scaling

import { expect, expectEqual } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const PINGS = 5;

export const scenario: Scenario = {
  description:
    'Two networks each have a site with the same prefix and a device with the same virtual address; no packet goes to the other.',
  topology:
    'red: alice - NAT a, hq - NAT s - 10.20.0.0/24; blue: bob - NAT b, depot - NAT t - 10.20.0.0/24; one gateway in the internet',
  sees: [
    'both devices have the same virtual address, both sites the same prefix, all four are connected',
    'each device reaches the LAN host of its own network at the same address',
    'each LAN host got exactly the echo requests of its own network',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const pairs = [];
    for (const [network, device, site, nat] of [
      ['red', 'alice', 'hq', 'a'],
      ['blue', 'bob', 'depot', 'b'],
    ] as const) {
      const behind = await lab.nat(`nat-${site}`);
      const lan = await lab.site(site, { auth: 'psk', behind, lan: '10.20.0', network });
      await lan.connect();
      const client = await lab.device(device, { auth: 'cert', behind: await lab.nat(`nat-${nat}`), network });
      await client.connect();
      pairs.push({ lan, client });
    }
    const addresses = await Promise.all(pairs.map(({ client }) => client.virtualAddress()));
    expectEqual(addresses[0], addresses[1], 'the virtual address of the second device');
    for (const [index, { client, lan }] of pairs.entries()) {
      await expectPing(client.host, lan.lanAddress, PINGS + index);
      const { stdout } = await lan.lanHost.run(['cat', '/proc/net/snmp']);
      const seen = echoRequests(stdout);
      expectEqual(seen, PINGS + index, `echo requests at the LAN host of ${lan.name}`);
      const peer = await gateway.peer(lan.name);
      expect(peer.packetsOut === seen, `the gateway sent ${peer.packetsOut} packets to ${lan.name}, not ${seen}`);
    }
    note(`both devices are ${addresses[0]}, both LAN hosts 10.20.0.10`);
  },
};

/** InEchos of the counters of the kernel. */
function echoRequests(snmp: string): number {
  const [names, values] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'))
    .map((line) => line.split(' '));
  return Number(values![names!.indexOf('InEchos')]);
}
