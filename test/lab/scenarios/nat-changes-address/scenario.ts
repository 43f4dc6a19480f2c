// RFC 3715 section 2.2 k; RFC 7296 section 2.23: a NAT gets another address. The device cannot know, so MOBIKE is of no use.
// Requirements: rfc7296-2.23-follow

import { expect, expectEqual } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { Transfer } from '../../tcp.ts';
import { culvert, portOf } from '../culvert.ts';

const NEW_ADDRESS = '198.51.100.77';

export const scenario: Scenario = {
  description:
    'In the middle of a transfer a NAT gets another address, as when a provider renumbers or a hotspot changes from Wi-Fi to cellular: the transfer goes on.',
  topology: `alice, without MOBIKE - NAT a, which becomes ${NEW_ADDRESS} - internet - NAT b - bob, gateway in the internet`,
  sees: [
    'the transfer of alice completes, with the same SHA-256 at both ends',
    'the gateway shows alice at the new address, and that ESP has moved her there',
    'bob reaches alice there',
    'the IKE SA has the SPIs that it had before, and no other IKE_AUTH was sent',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a', 'masquerade-random');
    const alice = await lab.device('alice', { auth: 'cert', behind: nat });
    const bob = await lab.device('bob', { auth: 'cert', behind: await lab.nat('nat-b') });
    await alice.configure((connection) => (connection.mobike = 'no'));
    for (const device of [alice, bob]) await device.connect();
    await expectPing(alice.host, gateway.virtualAddress);
    const [{ path }, { responderSpi }] = [await gateway.peer('alice'), await alice.sa()];
    const plan = { octets: 2_000_000, rate: 250_000, limit: 60 };
    const transfer = await Transfer.start(alice.host, bob.host, await bob.virtualAddress(), plan);
    await transfer.reaches(0.4);
    await nat.router.ip('address', 'flush', 'dev', 'outside');
    await nat.router.ip('address', 'add', `${NEW_ADDRESS}/24`, 'dev', 'outside');
    await nat.router.defaultRoute('198.51.100.254');
    const { longestGap } = await transfer.finish();
    const after = await gateway.peer('alice');
    expect(after.path.startsWith(`${NEW_ADDRESS}:`), `the gateway sees alice at ${after.path}`);
    const move = after.report?.moves.at(-1);
    expectEqual(move?.by, 'esp', 'what moved her');
    expect(move?.to.includes(NEW_ADDRESS), `the last move was to ${move?.to}`);
    await expectPing(bob.host, await alice.virtualAddress());
    expectEqual((await alice.sa()).responderSpi, responderSpi, 'SPI of the IKE SA');
    expectEqual(alice.daemon.count(/generating IKE_AUTH request 1 /), 1, 'times that alice authenticated');
    note(`from ${path} to port ${portOf(after.path)} of ${NEW_ADDRESS}; longest pause ${longestGap} ms`);
  },
};
