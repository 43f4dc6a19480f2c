// RFC 3715 section 2.1 c: addresses as identities. Stock clients do not claim what their certificate does not hold: ours does.
// Requirements: rfc3948-5.1-unique

import { expect, expectEqual } from '../../expect.ts';
import { runClient } from '../../own-client.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const ADDRESS = '192.168.1.10';
const NAMES = ['alice', 'bob', 'carol'] as const;
const PINGS = 5;

export const scenario: Scenario = {
  description: `Three clients with certificates all claim the identity ${ADDRESS}; each is known by what it has proved.`,
  topology: `alice, bob, carol, each ${ADDRESS} behind a NAT of its own - internet - gateway`,
  sees: [
    'all three are connected at once, each under the name of its certificate',
    'each has a virtual address of its own',
    'the address of the gateway in the network answers every ping of each',
    'what the gateway counts for each member is what that member sent',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const clients = [];
    for (const name of NAMES) {
      const behind = await lab.nat(`nat-${name}`, 'masquerade', '192.168.1');
      clients.push(await lab.bareDevice(name, { auth: 'cert', behind }));
    }
    const steps = ['connect', `ping ${gateway.virtualAddress} ${PINGS}`];
    const reports = await Promise.all(clients.map((client) => runClient(client, ADDRESS, steps, { claims: ADDRESS })));
    const addresses = reports.map(([connected]) => connected!.address);
    expect(new Set(addresses).size === NAMES.length, `virtual addresses are shared: ${addresses.join(', ')}`);
    for (const [index, name] of NAMES.entries()) {
      expectEqual(reports[index]![1]!.answers, PINGS, `echo replies to ${name}`);
      const peer = await gateway.peer(name);
      expect(
        peer.addresses.includes(addresses[index]!),
        `${name} has ${addresses[index]}, the status says ${peer.addresses}`,
      );
      expectEqual(peer.packetsIn, PINGS, `packets of ${name} in the status`);
    }
    note(`virtual addresses ${addresses.join(', ')}`);
  },
};
