// RFC 3715 section 2.3 o: NATs that leave source port 500 alone and so serve one client there.
// Requirements: rfc7296-2.23-from-4500

import { expect } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'A NAT keeps source port 500 as it is and so lets one client out there; a second one begins on port 4500 and connects too.',
  topology: 'alice and bob - one NAT that never translates source port 500 - internet - gateway',
  sees: [
    'the first client connects from port 500 and moves to 4500',
    'the second cannot connect from port 500: none of its datagrams reaches the gateway',
    'the second connects from port 4500, and both reach the gateway and each other',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const nat = await lab.nat('nat-a', 'keeps-500');
    const settings = { retransmit_timeout: '0.5', retransmit_tries: '1' };
    const alice = await lab.device('alice', { auth: 'cert', behind: nat });
    const bob = await lab.device('bob', { auth: 'cert', behind: nat, settings });
    await alice.connect();
    const first = lab.capture('to-gateway');
    const before = await first.count('dst host 203.0.113.1 and dst port 500');
    expect(before > 0, 'the first client did not begin on port 500');
    const strange = await first.count('dst host 203.0.113.1 and dst port 500 and not src port 500');
    expect(strange === 0, 'the NAT translated source port 500');
    const refused = await bob.tryConnect();
    expect(refused.status !== 0, 'the second client connected from port 500: the NAT has room for two');
    const after = await first.count('dst host 203.0.113.1 and dst port 500');
    expect(after === before, `${after - before} datagrams of the second client reached port 500`);
    await bob.configure((connection) => {
      connection.local_port = '4500';
      connection.remote_port = '4500';
    });
    await bob.connect();
    for (const device of [alice, bob]) await expectPing(device.host, lab.gateway.virtualAddress);
    await expectReach(alice, bob, note);
  },
};
