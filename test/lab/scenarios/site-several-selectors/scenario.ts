// A site with two LANs: in one child SA with two selectors, then in two child SAs.

import { expect, expectEqual, expectMatch } from '../../expect.ts';
import type { Site } from '../../member.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { type Section, sectionAt } from '../../swanctl-conf.ts';
import { transfer } from '../../tcp.ts';

const [FIRST, SECOND, FOREIGN] = ['10.20.0', '10.30.0', '10.40.0'];

export const scenario: Scenario = {
  description:
    'A site with two LANs, in one child SA with two selectors or in two child SAs; a prefix of nobody is refused.',
  topology:
    'alice - NAT a - internet - NAT s - site (strongSwan) - LANs 10.20.0.0/24 and 10.30.0.0/24, gateway in the internet',
  sees: [
    'one child SA carries both prefixes of the site, and that of the device carries both too',
    'two child SAs under one IKE SA carry one prefix each',
    'the device reaches a host in each LAN and each host the device, by ping and TCP, and each child SA has carried octets',
    'a child SA for a prefix that is not of the site is refused with TS_UNACCEPTABLE, and the others stay',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const behind = await lab.nat('nat-s');
    const site = await lab.site('hq', { auth: 'cert', behind, lan: FIRST, moreLans: [SECOND] });
    const alice = await lab.device('alice', { auth: 'cert', behind: await lab.nat('nat-a', 'masquerade-random') });
    const lans = [{ host: site.lanHost, address: site.lanAddress }, ...site.more];
    const expectReach = async () => {
      const address = await alice.virtualAddress();
      for (const lan of lans) {
        await expectPing(alice.host, lan.address);
        await expectPing(lan.host, address);
        await transfer(alice.host, lan.host, lan.address, { octets: 200_000, rate: 0, limit: 30 });
      }
    };

    await site.connect();
    await alice.connect();
    expectEqual((await localSelectors(site)).join(' | '), `${FIRST}.0/24 ${SECOND}.0/24`, 'selectors of the site');
    const [child] = (await alice.sa()).children;
    const reachable = child?.remoteTs.join(' ') ?? '';
    for (const lan of [FIRST, SECOND])
      expect(reachable.includes(`${lan}.0/24`), `the device may not reach ${lan}.0/24: ${reachable}`);
    note(`selectors of the device: ${reachable}`);
    await expectReach();

    await site.disconnect();
    await splitChild(site);
    await site.connect();
    const second = await site.daemon.initiate('second');
    expect(second.status === 0, `the second child SA was refused:\n${second.stdout}${second.stderr}`);
    expectEqual((await localSelectors(site)).join(' | '), `${FIRST}.0/24 | ${SECOND}.0/24`, 'selectors of the site');
    await expectReach();
    for (const { name, octetsIn, octetsOut } of (await site.sa()).children)
      expect(octetsIn > 200_000 && octetsOut > 0, `${name} carried ${octetsIn} octets in and ${octetsOut} out`);

    const refused = await site.daemon.initiate('foreign');
    expect(refused.status !== 0, `a child SA for ${FOREIGN}.0/24 was accepted`);
    expectMatch(site.daemon.log(), /received TS_UNACCEPTABLE notify/, 'the log of the site');
    expectEqual((await site.sa()).children.length, 2, 'child SAs after the refusal');
    for (const lan of lans) await expectPing(alice.host, lan.address);
  },
};

/** Of each installed child SA, in order. */
async function localSelectors(site: Site): Promise<string[]> {
  const children = (await site.sa()).children.filter(({ state }) => state === 'INSTALLED');
  return children.map(({ localTs }) => [...localTs].sort().join(' ')).sort();
}

/** One child of its own for each LAN, and one for a prefix that the site does not have. */
async function splitChild(site: Site): Promise<void> {
  await site.configure((connection, child) => {
    const children = sectionAt(connection, 'children');
    const whole: Section = { ...child };
    child.local_ts = `${FIRST}.0/24`;
    children.second = { ...whole, local_ts: `${SECOND}.0/24` };
    children.foreign = { ...whole, local_ts: `${FOREIGN}.0/24` };
  });
}
