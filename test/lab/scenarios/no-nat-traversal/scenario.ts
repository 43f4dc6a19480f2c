// RFC 3715 section 3, backward compatibility: a peer that knows nothing of NAT detection. Stock clients always do: ours need not.
// Requirements: rfc3715-3-detect-nonsupport

import { expect, expectEqual } from '../../expect.ts';
import { runClient } from '../../own-client.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const PINGS = 5;

export const scenario: Scenario = {
  description:
    'A client without NAT detection payloads begins on port 4500 and is served; the gateway shows that it cannot tell of NATs.',
  topology: 'alice - NAT a - internet - gateway',
  sees: [
    'the IKE_SA_INIT of the gateway holds no NAT detection either, so the client knows of no NAT',
    'the address of the gateway in the network answers every ping',
    'the report says that nothing is known of NATs',
    'nothing went by port 500',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a');
    const alice = await lab.bareDevice('alice', { auth: 'cert', behind: nat });
    const steps = ['connect', `ping ${gateway.virtualAddress} ${PINGS}`];
    const [connected, pings] = await runClient(alice, `${nat.inside}.10`, steps, { withoutNatDetection: true });
    expectEqual(pings!.answers, PINGS, 'echo replies');
    expect(connected!.natHere !== true && connected!.natThere !== true, 'the client was told of a NAT');
    const { nat: verdict, report } = await gateway.peer('alice');
    expectEqual(report?.behind, 'unknown', 'which side is behind a NAT');
    expectEqual(await lab.capture('to-gateway').count('udp port 500'), 0, 'datagrams by port 500');
    note(`shown as ${verdict}`);
  },
};
