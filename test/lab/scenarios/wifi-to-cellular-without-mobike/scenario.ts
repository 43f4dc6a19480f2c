// RFC 3715 section 2.2 k: a device that changes its network and does not know MOBIKE has to connect anew.

import { eventually, expect, expectEqual } from '../../expect.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';
import { expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'A device without MOBIKE loses its Wi-Fi and connects anew by another network: it is the same member, at the same virtual address.',
  topology: 'alice - NAT a, then NAT c - internet - NAT b - bob, gateway in the internet',
  sees: [
    'neither side speaks of MOBIKE',
    'the device authenticates by the other network and gets the virtual address that it had',
    'the gateway knows it once, at the other NAT',
    'ping and TCP between the two, in both directions, before and after',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const [wifi, cellular] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-c', 'masquerade-random')];
    const settings = { retransmit_timeout: '0.5', retransmit_tries: '2' };
    const alice = await lab.device('alice', { auth: 'cert', behind: wifi, settings });
    const bob = await lab.device('bob', { auth: 'cert', behind: await lab.nat('nat-b') });
    await alice.configure((connection) => (connection.mobike = 'no'));
    for (const device of [alice, bob]) await device.connect();
    await lab.reach(alice.host, cellular, 'cellular');
    await expectReach(alice, bob, note);
    const before = await alice.virtualAddress();
    await alice.host.run(['ip', 'route', 'replace', 'default', 'via', `${cellular.inside}.1`]);
    await alice.host.run(['ip', 'addr', 'flush', 'dev', 'uplink']);
    await eventually(
      async () =>
        (await gateway.peers()).some(({ name, path }) => name === 'alice' && path.startsWith(`${cellular.outside}:`)),
      `the gateway does not see alice behind ${cellular.outside}`,
      40_000,
    );
    await eventually(
      async () => (await alice.daemon.sas()).filter(({ state }) => state === 'ESTABLISHED').length === 1,
      'alice has not one IKE SA',
      20_000,
    );
    await expectReach(alice, bob, note);
    expectEqual(await alice.virtualAddress(), before, 'the virtual address of alice');
    expectEqual((await gateway.peers()).filter(({ name }) => name === 'alice').length, 1, 'alices at the gateway');
    expect(!/MOBIKE_SUP|UPD_SA_ADDR/.test(alice.daemon.log()), 'somebody spoke of MOBIKE');
    expectEqual(alice.daemon.count(/generating IKE_AUTH request 1 /), 2, 'times that alice authenticated');
  },
};
