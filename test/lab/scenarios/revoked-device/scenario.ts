// A device that is revoked while it is connected.

import { eventually, expect, expectMatch } from '../../expect.ts';
import { expectNoPing, expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo } from '../two-devices.ts';

export const scenario: Scenario = {
  description: 'A revoked device loses its connection at once and cannot come back; the other one notices nothing.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet',
  sees: [
    'the two devices reach each other',
    'after the revocation the device has no SA and reaches nobody',
    'its next attempt is answered with AUTHENTICATION_FAILED',
    'the other device stays connected',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab) {
    const [alice, bob] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const address = await alice.virtualAddress();
    await expectPing(bob.host, address);
    await lab.gateway.revoke('alice');
    await eventually(
      async () => (await alice.daemon.sas()).every((sa) => sa.state !== 'ESTABLISHED'),
      'the revoked device still has an IKE SA',
    );
    await expectNoPing(bob.host, address);
    const again = await alice.tryConnect();
    expect(again.status !== 0, 'the revoked device could connect again');
    expectMatch(alice.daemon.log(), /N\(AUTH_FAILED\)/, 'the log of the revoked device');
    expect(!(await lab.gateway.connected()).includes('alice'), 'the gateway lists the revoked device as connected');
    await expectPing(bob.host, lab.gateway.virtualAddress);
    expect((await lab.gateway.connected()).includes('bob'), 'the other device is not connected any more');
  },
};
