// RFC 3715 section 4.3: what 6to4 offers to IPv6 hosts behind an IPv4 NAT, also where the NAT's outside address is a private one.

import { expect } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';
import { culvert } from '../culvert.ts';
import { connectTwo } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'A device behind an IPv4 NAT whose own outside address is private speaks IPv6 with the gateway and with another device.',
  topology:
    'alice - NAT 2, outside 192.168.1.10 - NAT 1 - internet - NAT b - bob, gateway in the internet; IPv4 outside',
  sees: [
    'the outside address of the NAT before alice is a private one, from which 6to4 could make no prefix',
    'her IPv6 virtual address reaches that of the gateway and that of bob, and is reached by bob',
    'TCP over IPv6 in both directions, with the same SHA-256 at both ends',
    'the outer links carried IPv4 only, and no IP protocol 41',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const outer = await lab.nat('nat-1', 'masquerade-random');
    const inner = await lab.natBehind(outer, 'nat-2', 'masquerade-random');
    expect(inner.outside.startsWith('192.168.'), `the outside address of the inner NAT is ${inner.outside}`);
    const [alice, bob] = await connectTwo(lab, 'cert', inner, await lab.nat('nat-b'));
    const [a6, b6] = [await alice.virtualAddress6(), await bob.virtualAddress6()];
    await expectPing(alice.host, await culvert(lab).virtualAddress6());
    await expectPing(alice.host, b6);
    await expectPing(bob.host, a6);
    const plan = { octets: 500_000, rate: 0, limit: 40 };
    const transfers = [
      await Transfer.start(alice.host, bob.host, b6, plan),
      await Transfer.start(bob.host, alice.host, a6, plan),
    ];
    await Promise.all(transfers.map((transfer) => transfer.finish()));
    const strange = await lab.captured('(ip6 and udp) or ip proto 41');
    expect(strange.length === 0, `not IPv4 and UDP on an outer link: ${strange[0]}`);
    note(`alice ${a6}, bob ${b6}`);
  },
};
