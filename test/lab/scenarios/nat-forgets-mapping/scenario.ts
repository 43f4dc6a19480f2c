// A NAT that is switched off and on in the middle of a transfer. strongSwan's userland ESP does not follow the device.
// Requirements: rfc7296-2.23-follow

import { expect } from '../../expect.ts';
import { forgetMappings } from '../../nat.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';
import { connectTwo } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'A NAT forgets its mappings in the middle of a transfer and gives the device another port: the transfer goes on.',
  topology:
    'alice - NAT a (random ports) - internet - NAT b - bob, gateway in the internet; TCP from alice at 250 kB/s',
  sees: [
    'datagrams of the device leave the NAT by another port than before',
    'the transfer completes, with the same SHA-256 at both ends',
    'the IKE SA has the SPIs that it had before',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const nat = await lab.nat('nat-a', 'masquerade-random');
    const [alice, bob] = await connectTwo(lab, 'cert', nat, await lab.nat('nat-b'));
    const before = (await alice.sa()).responderSpi;
    const port = async (): Promise<string | undefined> => {
      const { stdout } = await nat.router.run(['conntrack', '-L', '-p', 'udp', '--orig-port-dst', '4500']);
      return /src=203\.0\.113\.1 dst=\S+ sport=4500 dport=(\d+)/.exec(stdout)?.[1];
    };
    const plan = { octets: 2_000_000, rate: 250_000, limit: 60 };
    const out = await Transfer.start(alice.host, bob.host, await bob.virtualAddress(), plan);
    await out.reaches(0.4);
    const old = await port();
    await forgetMappings(nat.router);
    const { longestGap } = await out.finish();
    const now = await port();
    note(`outside port ${old}, then ${now}; longest pause ${longestGap} ms`);
    expect(now !== undefined && now !== old, `the NAT did not change the outside port ${old}`);
    expect((await alice.sa()).responderSpi === before, 'the device has another IKE SA than before');
  },
};
