// IPv6 in the tunnels, IPv4 around them.

import { expect } from '../../expect.ts';
import { isSplit } from '../../gateway.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';
import { connectTwo } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'Two devices with an IPv4 and an IPv6 virtual address each, behind IPv4 NATs, speak IPv6 with each other.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet; IPv4 outside',
  sees: [
    'each device holds one virtual address of each family, and selectors of each',
    "the gateway's IPv6 virtual address answers ping, and the devices answer each other",
    'TCP over IPv6 in both directions, with the same SHA-256 at both ends',
    'the outer links carried IPv4 only',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const { gateway } = lab;
    expect(isSplit(gateway), 'this gateway is of one piece');
    const [a, b] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-b')];
    const [alice, bob] = await connectTwo(lab, 'cert', a, b);
    for (const device of [alice, bob]) {
      const { virtualAddresses, children } = await device.sa();
      expect(virtualAddresses.length === 2, `${device.name} holds ${virtualAddresses.join(', ')}`);
      const selectors = children.flatMap(({ localTs, remoteTs }) => [localTs, remoteTs]);
      for (const side of selectors) {
        const families = new Set(side.map((text) => text.includes(':')));
        expect(families.size === 2, `${device.name} has selectors of one family only: ${side.join(', ')}`);
      }
      await expectPing(device.host, await gateway.virtualAddress6());
      await expectPing(device.host, gateway.virtualAddress);
    }
    const [a6, b6] = [await alice.virtualAddress6(), await bob.virtualAddress6()];
    note(`alice ${a6}, bob ${b6}`);
    await expectPing(alice.host, b6, 5);
    await expectPing(bob.host, a6, 5);
    const plan = { octets: 1_000_000, rate: 0, limit: 40 };
    const transfers = [
      await Transfer.start(alice.host, bob.host, b6, plan),
      await Transfer.start(bob.host, alice.host, a6, plan),
    ];
    const received = await Promise.all(transfers.map((transfer) => transfer.finish()));
    note(`1 MB each way in ${received.map(({ milliseconds }) => `${milliseconds} ms`).join(' and ')}`);
    const outer6 = await lab.captured('ip6 and udp');
    expect(outer6.length === 0, `IPv6 on an outer link: ${outer6[0]}`);
  },
};
