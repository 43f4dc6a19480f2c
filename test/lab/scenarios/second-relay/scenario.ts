// Anycast moves a client to another relay.

import { expect } from '../../expect.ts';
import { GATEWAY_ADDRESS, SECOND_ADDRESS, type SplitGateway } from '../../gateway.ts';
import { type Condition, divert } from '../../nat.ts';
import type { Scenario } from '../../scenario.ts';
import { expectSurvival, OUTAGE_SIGHTS, OUTAGE_TOPOLOGY } from '../outage.ts';

export const scenario: Scenario = {
  description:
    'In the middle of TCP transfers all datagrams begin to arrive at another relay, as anycast may do it: they go on.',
  topology: `${OUTAGE_TOPOLOGY}; a second relay at ${SECOND_ADDRESS}`,
  sees: [...OUTAGE_SIGHTS, 'datagrams did go to the second relay'],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const start = async (gateway: SplitGateway): Promise<Condition> => {
      await gateway.startSecondRelay();
      return divert(lab.internet, GATEWAY_ADDRESS, SECOND_ADDRESS);
    };
    const diverted = await (await expectSurvival(lab, start, note)).hits();
    note(`${diverted} datagrams went to the second relay`);
    expect(diverted > 0, 'no datagram went to the second relay');
  },
};
