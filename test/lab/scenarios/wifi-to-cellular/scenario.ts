// A device that changes its network in the middle of a connection, with MOBIKE (RFC 4555 sections 3.5, 3.7).
// Requirements: rfc4555-3.2-supported rfc4555-3.7-return-routability

import { eventually, expect } from '../../expect.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';

export const scenario: Scenario = {
  description: 'A device loses its Wi-Fi and goes on by another network behind another NAT, without a new handshake.',
  topology: 'alice - NAT a, then NAT c - internet - NAT b - bob, gateway in the internet',
  sees: [
    'UPDATE_SA_ADDRESSES is answered, and the gateway asks for COOKIE2 at the new address',
    'ping and TCP between the two, in both directions, before and after',
    'the IKE SA has the SPIs that it had before, and no other IKE_AUTH was sent',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const wifi = await lab.nat('nat-a', 'masquerade-random');
    const cellular = await lab.nat('nat-c', 'masquerade-random');
    const [alice, bob] = await connectTwo(lab, 'cert', wifi, await lab.nat('nat-b'));
    await lab.reach(alice.host, cellular, 'cellular');
    await expectReach(alice, bob, note);
    const before = (await alice.sa()).responderSpi;
    await alice.host.run(['ip', 'route', 'replace', 'default', 'via', `${cellular.inside}.1`]);
    await alice.host.run(['ip', 'addr', 'flush', 'dev', 'uplink']);
    await eventually(
      async () => alice.daemon.count(/parsed INFORMATIONAL request \d+ \[ N\(COOKIE2\)/) === 1,
      'the gateway has not asked whether the device receives at its new address',
    );
    expect(alice.daemon.count(/generating INFORMATIONAL request \d+ \[ N\(UPD_SA_ADDR\)/) > 0, 'MOBIKE was not used');
    await expectReach(alice, bob, note);
    expect((await alice.sa()).responderSpi === before, 'the device has another IKE SA than before');
    expect(alice.daemon.count(/generating IKE_AUTH request 1 /) === 1, 'the device authenticated again');
  },
};
