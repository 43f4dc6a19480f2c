// A path that loses datagrams, from the first IKE message on.

import { dropLoss } from '../../nat.ts';
import type { Scenario } from '../../scenario.ts';
import { transfer } from '../../tcp.ts';
import { expect } from '../../expect.ts';
import { connectTwo } from '../two-devices.ts';

const PERCENT = 5;

export const scenario: Scenario = {
  description: `Two devices connect and exchange TCP over an internet that loses ${PERCENT} % of all datagrams.`,
  topology: `alice - NAT a - internet that loses ${PERCENT} % - NAT b - bob, gateway in the internet`,
  sees: ['both connect', 'datagrams were lost', 'the transfer completes, with the same SHA-256 at both ends'],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const loss = await dropLoss(lab.internet, PERCENT);
    const [alice, bob] = await connectTwo(
      lab,
      'cert',
      await lab.nat('nat-a', 'masquerade-random'),
      await lab.nat('nat-b'),
    );
    const plan = { octets: 500_000, rate: 0, limit: 60 };
    const { milliseconds } = await transfer(alice.host, bob.host, await bob.virtualAddress(), plan);
    const lost = await loss.hits();
    note(`500 kB in ${milliseconds} ms, ${lost} datagrams lost`);
    expect(lost > 0, 'nothing was lost');
  },
};
