// RFC 3715 section 3, gateway to gateway: both sites have their gateways in private DMZs.

import { expect } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';

export const scenario: Scenario = {
  description: 'Two sites, whose gateways have private addresses behind NATs, exchange traffic between their LANs.',
  topology: 'LAN 10.20.0.0/24 - hq - NAT s - internet - NAT b - branch - LAN 10.30.0.0/24, gateway in the internet',
  sees: [
    'both site gateways know that they are behind NATs',
    'a host of each LAN pings a host of the other',
    'TCP between the LAN hosts, in both directions at once, with the same SHA-256 at both ends',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const hq = await lab.site('hq', { auth: 'psk', behind: await lab.nat('nat-s'), lan: '10.20.0' });
    const random = await lab.nat('nat-b', 'masquerade-random');
    const branch = await lab.site('branch', { auth: 'cert', behind: random, lan: '10.30.0' });
    for (const site of [hq, branch]) {
      await site.connect();
      expect((await site.sa()).natLocal, `${site.name} does not know that it is behind a NAT`);
    }
    // Selectors of the first one were granted before the second was there.
    await expectPing(hq.lanHost, branch.lanAddress, 5);
    await expectPing(branch.lanHost, hq.lanAddress, 5);
    const plan = { octets: 1_000_000, rate: 0, limit: 40 };
    const transfers = [
      await Transfer.start(hq.lanHost, branch.lanHost, branch.lanAddress, plan),
      await Transfer.start(branch.lanHost, hq.lanHost, hq.lanAddress, plan),
    ];
    const received = await Promise.all(transfers.map((transfer) => transfer.finish()));
    note(`1 MB each way in ${received.map(({ milliseconds }) => `${milliseconds} ms`).join(' and ')}`);
  },
};
