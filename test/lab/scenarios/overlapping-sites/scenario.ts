// RFC 3715 section 2.1 e: selectors that overlap are refused before they can lead a packet astray.
// Requirements: rfc3715-3-scaling rfc3948-5.1-overlap

import { eventually, expect, expectMatch } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';

const PREFIX = '10.20.0.0/24';

export const scenario: Scenario = {
  description:
    'A second site with a prefix of the first is refused by name when it is enrolled, and one that only claims the prefix gets no selector for it.',
  topology:
    'hq - NAT s - LAN 10.20.0.0/24; branch - NAT b - LAN 10.30.0.0/24, which claims 10.20.0.0/24; gateway in the internet',
  sees: [
    'the site with an overlapping prefix is not enrolled, and the refusal names the prefix and its holder',
    'a site that claims the prefix of another one gets no child SA for it',
    'packets for the prefix reach the first site, before and after',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab) {
    const hq = await lab.site('hq', { auth: 'psk', behind: await lab.nat('nat-s'), lan: '10.20.0' });
    const enrolled = lab.gateway.enrol({ name: 'twin', auth: 'psk', prefixes: [PREFIX] }, hq.host.directory);
    const refusal = await enrolled.then(
      () => '',
      (error: Error) => error.message,
    );
    expectMatch(refusal, /409 .*prefix-overlap.*10\.20\.0\.0\/24 of the site 'hq'/s, 'the refusal of the second site');
    // What a device may reach is settled when it connects: the second site is known by then.
    const branch = await lab.site('branch', { auth: 'psk', behind: await lab.nat('nat-b'), lan: '10.30.0' });
    await hq.connect();
    const alice = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a') });
    await alice.connect();
    await expectPing(alice.host, hq.lanAddress);
    await branch.host.ip('address', 'add', '10.20.0.77/32', 'dev', 'lo');
    await branch.configure((_connection, child) => (child.local_ts = PREFIX));
    const claimed = await branch.tryConnect();
    expect(claimed.status !== 0, 'a site got selectors for the prefix of another one');
    expectMatch(branch.daemon.log(), /N\(TS_UNACCEPT\)/, 'the log of the site that claims too much');
    await branch.configure((_connection, child) => (child.local_ts = '10.30.0.0/24'));
    await branch.disconnect();
    await branch.connect();
    await eventually(async () => (await branch.daemon.sas()).length === 1, 'the site did not connect anew');
    await expectPing(alice.host, branch.lanAddress);
    await expectPing(alice.host, hq.lanAddress);
  },
};
