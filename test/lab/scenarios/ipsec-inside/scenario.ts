// RFC 3715 section 3, end to end: hosts that secure their own traffic, inside the tunnels of their sites.
// Requirements: rfc3715-3-end-to-end

import { eventually, expect, expectMatch } from '../../expect.ts';
import { expectPing } from '../../ping.ts';
import type { Host } from '../../namespace.ts';
import type { Scenario } from '../../scenario.ts';
import { StrongSwan } from '../../strongswan.ts';
import { transfer } from '../../tcp.ts';
import { culvert } from '../culvert.ts';

export const scenario: Scenario = {
  description:
    'Two hosts in the LANs of two sites speak IPsec to each other by their own addresses, through the tunnels of the sites.',
  topology:
    'host 10.20.0.10 - hq - NAT s - internet - NAT b - branch - host 10.30.0.10, gateway in the internet; strongSwan in both hosts too',
  sees: [
    'the hosts have an IKE SA and a child SA of their own, by their own addresses',
    'ping and TCP between the hosts, with the same SHA-256 at both ends, and it went through their SA',
    'the gateway saw nothing but UDP of their tunnel between the two while they did so',
  ],
  gateways: ['culvert'],
  limit: 120,
  async run(lab, note) {
    const hq = await lab.site('hq', { auth: 'psk', behind: await lab.nat('nat-s'), lan: '10.20.0' });
    const branch = await lab.site('branch', { auth: 'psk', behind: await lab.nat('nat-b'), lan: '10.30.0' });
    for (const site of [hq, branch]) await site.connect();
    await expectPing(hq.lanHost, branch.lanAddress);
    const near = await endpoint(hq.lanHost, hq.lanAddress, branch.lanAddress);
    await endpoint(branch.lanHost, branch.lanAddress, hq.lanAddress);
    const up = await near.initiate('inside');
    expect(
      up.status === 0,
      `the hosts could not connect:\n${(up.stdout + up.stderr).split('\n').slice(-12).join('\n')}`,
    );
    const watched = hq.host.start('tcpdump-lan', ['tcpdump', '-i', 'lan', '-n', '-l', 'ip and net 10.30.0.0/24']);
    await eventually(() => /listening on/.test(watched.output()), 'tcpdump did not start');
    await expectPing(hq.lanHost, branch.lanAddress, 5);
    await transfer(hq.lanHost, branch.lanHost, branch.lanAddress, { octets: 300_000, rate: 0, limit: 40 });
    const child = (await near.sas())[0]?.children[0];
    expect(child && child.octetsOut > 300_000, `only ${child?.octetsOut} octets went through the SA of the hosts`);
    const lines = watched
      .output()
      .split('\n')
      .filter((line) => line.includes(' IP '));
    const plain = lines.filter((line) => !/\.4500 > .*\.4500: /.test(line));
    expect(
      lines.length > 100 && plain.length === 0,
      `packets outside the tunnel of the hosts:\n${plain.slice(0, 5).join('\n')}`,
    );
    expectMatch((await near.sas())[0]!.remoteHost, /^10\.30\.0\.10$/, 'the other end of the IKE SA');
    const { packetsOut } = await culvert(lab).peer('branch');
    note(`${child.octetsOut} octets through the inner SA, ${packetsOut} packets of it through the gateway`);
  },
};

/** A daemon in a LAN host with a pre-shared key for the other one. */
async function endpoint(host: Host, local: string, remote: string): Promise<StrongSwan> {
  const daemon = new StrongSwan(host);
  daemon.writeConf({
    connections: {
      inside: {
        ...{ version: '2', local_addrs: local, remote_addrs: remote },
        local: { auth: 'psk', id: local },
        remote: { auth: 'psk', id: remote },
        children: { inside: { local_ts: `${local}/32`, remote_ts: `${remote}/32`, esp_proposals: 'aes128gcm16' } },
      },
    },
    secrets: { 'ike-inside': { secret: 'of the two hosts' } },
  });
  await daemon.start();
  await daemon.load();
  return daemon;
}
