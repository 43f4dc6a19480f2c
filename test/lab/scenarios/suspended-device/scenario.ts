// A device that is suspended while it is connected, and resumed.

import { eventually, expect, expectMatch } from '../../expect.ts';
import { expectNoPing, expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';
import { connectTwo } from '../two-devices.ts';

/** It is a fraction of a second; the rest is room for a busy machine. */
const DISCONNECTED_MS = 5_000;

export const scenario: Scenario = {
  description:
    'A suspended device loses its connection at once, stays out, and comes back as it was when it is resumed.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet',
  sees: [
    'the gateway lists the device as connected no more, and the device has no SA',
    'its next attempt is answered with AUTHENTICATION_FAILED, and the operator reads that it is suspended',
    'the other device stays connected',
    'resumed, it connects with the same profile and has the same address',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const [alice, bob] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const address = await alice.virtualAddress();
    await expectPing(bob.host, address);
    expectMatch(await gateway.command('device', 'suspend', 'alice'), /alice of lab is suspended/, 'the command');
    const began = Date.now();
    await eventually(
      async () => !(await gateway.connected()).includes('alice'),
      'the gateway lists the suspended device as connected',
    );
    const took = Date.now() - began;
    expect(took < DISCONNECTED_MS, `it took ${took} ms to disconnect the device`);
    note(`listed no more ${took} ms after the command`);
    await eventually(
      async () => (await alice.daemon.sas()).every((sa) => sa.state !== 'ESTABLISHED'),
      'the suspended device still has an IKE SA',
    );
    await expectNoPing(bob.host, address);
    const again = await alice.tryConnect();
    expect(again.status !== 0, 'the suspended device could connect');
    expectMatch(alice.daemon.log(), /N\(AUTH_FAILED\)/, 'the log of the suspended device');
    expectMatch(await gateway.command('explain', 'alice'), /It is suspended/, 'what the operator reads');
    expect((await gateway.connected()).includes('bob'), 'the other device is not connected any more');
    await gateway.command('device', 'resume', 'alice');
    await alice.connect();
    expect((await alice.virtualAddress()) === address, 'the resumed device has another address');
    await expectPing(bob.host, address);
  },
};
