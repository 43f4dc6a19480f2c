// Two devices that share one outside address.

import { expect } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description: 'Two devices behind one NAT, told apart by their SPIs alone, reach the gateway and each other.',
  topology: 'alice and bob - one NAT that keeps ports where it can - internet - gateway',
  sees: [
    'both are connected from the same outside address',
    'the gateway answers ping of both',
    'ping and TCP between the two, in both directions, with the same SHA-256 at both ends',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const nat = await lab.nat('nat-a');
    const [alice, bob] = await connectTwo(lab, 'cert', nat, nat);
    const { stdout } = await nat.router.run(['conntrack', '-L', '-p', 'udp', '--orig-port-dst', '4500']);
    const mapped = [...stdout.matchAll(/src=203\.0\.113\.1 dst=\S+ sport=4500 dport=(\d+)/g)].map(([, port]) => port);
    expect(new Set(mapped).size === 2, `the NAT does not map two devices to two ports: ${mapped.join(', ')}`);
    note(`outside ports ${mapped.join(' and ')}`);
    for (const device of [alice, bob]) await expectPing(device.host, lab.gateway.virtualAddress);
    await expectReach(alice, bob, note);
  },
};
