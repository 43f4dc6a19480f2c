// The commonest clash of home networks: everyone is 192.168.1.10.
// Requirements: rfc3948-5.1-overlap rfc3948-5.1-unique

import { expectMatch } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description: 'Two devices with the same private address behind different NATs reach the gateway and each other.',
  topology: 'alice 192.168.1.10 - NAT a - internet - NAT b - bob 192.168.1.10, gateway in the internet',
  sees: [
    'both have the private address 192.168.1.10, and different virtual addresses',
    'the gateway answers ping of both',
    'ping and TCP between the two, in both directions, with the same SHA-256 at both ends',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const [a, b] = [
      await lab.nat('nat-a', 'masquerade', '192.168.1'),
      await lab.nat('nat-b', 'masquerade', '192.168.1'),
    ];
    const [alice, bob] = await connectTwo(lab, 'cert', a, b);
    for (const device of [alice, bob]) {
      const { stdout } = await device.host.run(['ip', '-4', 'address', 'show', 'dev', 'uplink']);
      expectMatch(stdout, /192\.168\.1\.10\/24/, `the address of ${device.name}`);
      await expectPing(device.host, lab.gateway.virtualAddress);
    }
    await expectReach(alice, bob, note);
  },
};
