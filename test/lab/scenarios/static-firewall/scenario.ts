// RFC 3715 section 3, firewall compatibility: two static rules are enough.
// Requirements: rfc3715-3-firewall rfc3948-2.1-ports

import { expect } from '../../expect.ts';
import { GATEWAY_ADDRESS } from '../../gateway.ts';
import { allowOnlyIpsec } from '../../nat.ts';
import { expectNoPing, expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'A firewall without memory passes UDP to and from ports 500 and 4500 of the gateway and drops the rest; all goes on as without it.',
  topology: 'alice - NAT a - internet, with two static rules - NAT b - bob, gateway in the internet',
  sees: [
    'the firewall works: the outer address of the gateway answered ping before it, and does not behind it',
    'devices connect, rekey both ways, and exchange ping and TCP with the same SHA-256 at both ends',
    'the firewall dropped nothing of all that',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const [a, b] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-b')];
    await expectPing(a.router, GATEWAY_ADDRESS);
    const firewall = await allowOnlyIpsec(lab.internet, GATEWAY_ADDRESS);
    await expectNoPing(a.router, GATEWAY_ADDRESS);
    const dropped = await firewall.hits();
    expect(dropped > 0, 'the firewall dropped nothing');
    const [alice, bob] = await connectTwo(lab, 'cert', a, b);
    await lab.gateway.rekey('ike', 'alice');
    await bob.daemon.rekey('child', bob.child);
    await expectReach(alice, bob, note);
    expect((await firewall.hits()) === dropped, 'the firewall dropped something that the gateway or a device had sent');
  },
};
