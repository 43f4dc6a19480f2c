// RFC 3715 section 2.2 l and m: fragments that come twice and in another order (RFC 7383 section 2.6).
// Requirements: rfc7383-2.6-replay

import { expect, expectEqual } from '../../expect.ts';
import { interpose } from '../../nat.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { expectReach } from '../two-devices.ts';
import { culvert } from '../culvert.ts';

const FRAGMENT_SIZE = 380;

export const scenario: Scenario = {
  description:
    'A path sends every datagram twice and in another order: IKE messages in many fragments come together, and TCP passes.',
  topology: 'alice - NAT a, which shuffles - internet - NAT b - bob, gateway in the internet',
  sees: [
    'IKE_AUTH goes in three encrypted fragments or more, and the device authenticates once',
    'the gateway has seen fragments of that size, and counts ESP that came twice as replayed',
    'a rekey of the IKE SA and one of the child SA go through',
    'ping and TCP between the two, in both directions, with the same SHA-256 at both ends',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a');
    await interpose(nat, 'shuffling-path.mjs', []);
    const settings = { fragment_size: String(FRAGMENT_SIZE) };
    const alice = await lab.device('alice', { auth: 'cert', behind: nat, settings });
    const bob = await lab.device('bob', { auth: 'cert', behind: await lab.nat('nat-b') });
    for (const device of [alice, bob]) await device.connect();
    const fragments = alice.daemon.count(/generating IKE_AUTH request 1 \[ EF\(/);
    expect(fragments >= 3, `IKE_AUTH went in ${fragments} fragments`);
    await expectReach(alice, bob, note);
    const { responderSpi } = await alice.sa();
    await alice.daemon.rekey('child', alice.child);
    await gateway.rekey('ike', 'alice');
    await expectReach(alice, bob, note);
    expect((await alice.sa()).responderSpi !== responderSpi, 'the IKE SA was not rekeyed');
    await expectPing(alice.host, gateway.virtualAddress);
    expectEqual(alice.daemon.count(/generating IKE_AUTH request 1 \[ IDi/), 1, 'times that alice authenticated');
    const { drops, report } = await gateway.peer('alice');
    expect((drops.replayed ?? 0) > 100, `${drops.replayed} packets were counted as replayed`);
    const largest = report?.fragments.largest ?? 0;
    expect(largest > 200 && largest <= FRAGMENT_SIZE, `the largest fragment seen had ${largest} octets`);
    note(`${fragments} fragments, ${drops.replayed} packets dropped as replayed`);
  },
};
