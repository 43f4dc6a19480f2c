// The gateway itself behind a NAT, as in a home or a cloud.

import { expect } from '../../expect.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'The gateway stands behind a NAT that forwards UDP 500 and 4500 to it; devices behind their own NATs reach each other.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway 10.99.0.2 behind a NAT that is 203.0.113.1',
  sees: [
    'the devices know that the other end is behind a NAT',
    'ping and TCP between the two, in both directions, with the same SHA-256 at both ends',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  gatewayBehindNat: true,
  limit: 180,
  async run(lab, note) {
    const [alice, bob] = await connectTwo(
      lab,
      'cert',
      await lab.nat('nat-a', 'masquerade-random'),
      await lab.nat('nat-b'),
    );
    expect((await alice.sa()).natRemote, 'the device does not know that the gateway is behind a NAT');
    await expectReach(alice, bob, note);
  },
};
