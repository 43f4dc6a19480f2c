// IPv6 around the tunnels.

import { expect, expectMatch } from '../../expect.ts';
import { GATEWAY_ADDRESS_6, isSplit } from '../../gateway.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';

export const scenario: Scenario = {
  description: 'A device reaches the gateway over IPv6, without a NAT, and a device behind an IPv4 NAT through it.',
  topology: 'alice (2001:db8:0:198::/64) - internet - gateway (2001:db8:0:203::1); bob behind NAT b over IPv4',
  sees: [
    'the handshake and ESP in UDP go over IPv6, and the gateway lists the IPv6 path',
    'the gateway answers ping in both families',
    'TCP between the two, in both directions, with the same SHA-256 at both ends',
    'no IP fragment and no datagram longer than 1,500 octets on an outer link',
  ],
  gateways: ['culvert'],
  ipv6Outside: true,
  limit: 180,
  async run(lab, note) {
    const { gateway } = lab;
    expect(isSplit(gateway), 'this gateway is of one piece');
    const { host, address6 } = await lab.outsideHost('alice');
    const alice = await lab.deviceIn(host, 'alice', 'cert');
    await alice.connect();
    const sa = await alice.sa();
    expect(sa.remoteHost === GATEWAY_ADDRESS_6, `alice is connected to ${sa.remoteHost}`);
    const row = (await gateway.peers()).find(({ name }) => name === 'alice');
    expect(row?.path === `[${address6}]:4500`, `the gateway lists the path of alice as ${row?.path}`);
    expect(row.relay === `[${GATEWAY_ADDRESS_6}]:4500`, `the gateway lists the relay of alice as ${row.relay}`);
    note(`path ${row.path} to ${row.relay}, NAT: ${row.nat}`);
    await expectPing(alice.host, gateway.virtualAddress);
    await expectPing(alice.host, await gateway.virtualAddress6());

    const bob = await lab.device('bob', { auth: 'cert', behind: await lab.nat('nat-b') });
    await bob.configure((connection) => (connection.remote_addrs = '203.0.113.1'));
    await bob.connect();
    const [a, b] = [await alice.virtualAddress(), await bob.virtualAddress()];
    await expectPing(alice.host, b, 5);
    await expectPing(bob.host, a, 5);
    const plan = { octets: 1_000_000, rate: 0, limit: 40 };
    const transfers = [
      await Transfer.start(alice.host, bob.host, await bob.virtualAddress6(), plan),
      await Transfer.start(bob.host, alice.host, a, plan),
    ];
    const received = await Promise.all(transfers.map((transfer) => transfer.finish()));
    note(`1 MB each way in ${received.map(({ milliseconds }) => `${milliseconds} ms`).join(' and ')}`);

    const esp = await lab.captured(`host ${address6} and udp port 4500`);
    expect(esp.length > 1_000, `only ${esp.length} datagrams over IPv6`);
    expectMatch(esp.at(-1)!, /UDP-encap: ESP/, 'the last datagram');
    note(`${esp.length} datagrams over IPv6 captured`);
    const strange = await lab.captured('ip6 proto 44 or ip6[4:2] > 1460 or ip[2:2] > 1500 or ip[6:2] & 0x3fff != 0');
    expect(strange.length === 0, `a fragment, or more than 1,500 octets: ${strange[0]}`);
  },
};
