// RFC 3715 section 3, backward compatibility: no NAT at all. strongSwan's userland ESP always pretends to have one; our client does not.
// Requirements: rfc3715-3-interoperable rfc3715-3-detect rfc7296-2.23-mismatch rfc7296-2.23-encapsulated-without-nat
// Requirements: rfc4555-3.3-port-4500

import { expectEqual } from '../../expect.ts';
import { runClient } from '../../own-client.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const PINGS = 5;

export const scenario: Scenario = {
  description:
    'A client with an address of the internet connects: the gateway detects that there is no NAT, and says so.',
  topology: 'alice 192.0.2.10 - router - internet - gateway; dora - NAT d - internet',
  sees: [
    'the status of the gateway shows the one as without a NAT and the other, an equal client, as behind one',
    'both reach the gateway',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab) {
    const gateway = culvert(lab);
    const steps = ['connect', `ping ${gateway.virtualAddress} ${PINGS}`];
    const [open, nat] = [await lab.open('router'), await lab.nat('nat-d')];
    const alice = await lab.bareDevice('alice', { auth: 'cert', behind: open });
    const dora = await lab.bareDevice('dora', { auth: 'cert', behind: nat });
    const [connected, pinged] = await runClient(alice, `${open.inside}.10`, steps);
    const [translated, answered] = await runClient(dora, `${nat.inside}.10`, steps);
    expectEqual(connected!.natHere, false, 'whether alice believes to be behind a NAT');
    expectEqual(translated!.natHere, true, 'whether dora believes to be behind a NAT');
    for (const report of [pinged, answered]) expectEqual(report!.answers, PINGS, 'echo replies');
    expectEqual((await gateway.peer('alice')).nat, 'none', 'the NAT of alice in the status');
    expectEqual((await gateway.peer('dora')).nat, 'peer', 'the NAT of dora in the status');
    expectEqual((await gateway.peer('alice')).path, '192.0.2.10:4500', 'where the gateway sees alice');
  },
};
