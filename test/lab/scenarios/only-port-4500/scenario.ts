// A network that lets UDP 4500 out, but not 500.

import { expect } from '../../expect.ts';
import { dropUdpPort } from '../../nat.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';

export const scenario: Scenario = {
  description: 'A network drops UDP 500; a client that begins on port 4500 connects all the same.',
  topology: 'alice - NAT a, which drops UDP 500 - internet - gateway',
  sees: [
    'from port 500 the device cannot connect, and the NAT dropped its datagrams',
    'from port 4500 it connects, and the address of the gateway in the network answers ping',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab) {
    const nat = await lab.nat('nat-a');
    const settings = { retransmit_timeout: '0.5', retransmit_tries: '1' };
    const alice = await lab.device('alice', { auth: 'cert', behind: nat, settings });
    const filter = await dropUdpPort(nat.router, 500);
    const refused = await alice.tryConnect();
    expect(refused.status !== 0, 'the device connected although UDP 500 is dropped');
    expect((await filter.hits()) > 0, 'the NAT dropped nothing');
    await alice.configure((connection) => {
      connection.local_port = '4500';
      connection.remote_port = '4500';
    });
    await alice.connect();
    await expectPing(alice.host, lab.gateway.virtualAddress);
  },
};
