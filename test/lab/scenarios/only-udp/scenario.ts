// RFC 3715 section 2.2 j: NATs that know UDP and TCP only, or drop IP protocols 50 and 51.
// Requirements: rfc7296-2.23-encapsulate

import { expect } from '../../expect.ts';
import { GATEWAY_ADDRESS } from '../../gateway.ts';
import { dropAllButUdp } from '../../nat.ts';
import { expectNoPing, expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description: 'The internet drops everything that is not UDP; devices connect and reach each other.',
  topology: 'alice - NAT a - internet, which passes UDP only - NAT b - bob, gateway in the internet',
  sees: [
    'the filter works: the outer address of the gateway answered ping before it, and does not behind it',
    'ping and TCP between the devices, in both directions, with the same SHA-256 at both ends',
    'no packet of IP protocol 50 or 51 was sent at all',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const [a, b] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-b')];
    await expectPing(a.router, GATEWAY_ADDRESS);
    const filter = await dropAllButUdp(lab.internet);
    await expectNoPing(a.router, GATEWAY_ADDRESS);
    const dropped = await filter.hits();
    expect(dropped > 0, 'the filter dropped nothing');
    const [alice, bob] = await connectTwo(lab, 'cert', a, b);
    await expectReach(alice, bob, note);
    // Before the captures, whose marks are no UDP.
    expect((await filter.hits()) === dropped, 'something else than UDP was sent, and dropped');
    for (const port of ['to-gateway', 'to-nat-a', 'to-nat-b']) {
      const native = await lab.capture(port).count('ip proto 50 or ip proto 51');
      expect(native === 0, `${native} packets of protocol 50 or 51 at ${port}`);
    }
  },
};
