// RFC 7296 section 2.9: a rekey that the gateway begins may offer more, and the client takes what its own settings allow.

import { eventually, expect, expectEqual } from '../../expect.ts';
import type { Device } from '../../member.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { culvert } from '../culvert.ts';

const LAN = '10.20.0';

export const scenario: Scenario = {
  description: 'A site is enrolled while a device is connected: the device reaches it without connecting anew.',
  topology: 'alice - NAT a - internet - NAT s - site gateway (strongSwan) - LAN 10.20.0.0/24, gateway in the internet',
  sees: [
    'before, the selectors of the device do not name the LAN',
    'once the site is on record, they do, in one child SA, and the status shows nothing that it does not reach',
    'the device pings a host of the LAN and is pinged by it, and has authenticated once',
  ],
  gateways: ['culvert'],
  limit: 120,
  async run(lab, note) {
    const alice = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a', 'masquerade-random') });
    await alice.connect();
    const before = await reachable(alice);
    expect(!before.includes(`${LAN}.0/24`), `the device reaches the LAN already: ${before.join(' ')}`);

    const site = await lab.site('hq', { auth: 'cert', behind: await lab.nat('nat-s'), lan: LAN });
    const began = performance.now();
    await eventually(
      async () => (await reachable(alice)).includes(`${LAN}.0/24`),
      'the device did not learn of the site',
      20_000,
    );
    note(
      `selectors of the device ${Math.round(performance.now() - began)} ms later: ${(await reachable(alice)).join(' ')}`,
    );
    await site.connect();
    await expectPing(alice.host, site.lanAddress, 5);
    await expectPing(site.lanHost, await alice.virtualAddress(), 5);
    const { unreached } = await culvert(lab).peer('alice');
    expectEqual(unreached.join(' '), '', 'prefixes that the status shows as not reached');
    expectEqual(alice.daemon.count(/generating IKE_AUTH request 1 /), 1, 'times that the device has authenticated');
  },
};

/** The remote selectors of the device's only child SA, or nothing while there are two. */
async function reachable(device: Device): Promise<readonly string[]> {
  const children = (await device.sa()).children.filter(({ state }) => state === 'INSTALLED');
  return children.length === 1 ? children[0]!.remoteTs : [];
}
