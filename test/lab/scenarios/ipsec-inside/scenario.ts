// RFC 3715 section 3, end to end: devices that secure what is between them, inside their tunnels to the gateway.
// Requirements: rfc3715-3-end-to-end

import { eventually, expect, expectEqual } from '../../expect.ts';
import type { Device } from '../../member.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { StrongSwan } from '../../strongswan.ts';
import { transfer } from '../../tcp.ts';
import { connectTwo } from '../two-devices.ts';

/** Apart from those of the daemon that holds the tunnel to the gateway. */
const [IKE, NAT_T] = ['1500', '14500'];

export const scenario: Scenario = {
  description:
    'Two devices behind NATs speak IPsec to each other by their virtual addresses, inside their tunnels to the gateway.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet; a second strongSwan on each device',
  sees: [
    'the devices have an IKE SA and a child SA of their own, by their virtual addresses, without a NAT between',
    'ping and TCP between them, with the same SHA-256 at both ends, and it went through their SA',
    'the tunnels to the gateway carried nothing between the two but the UDP of their own tunnel',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const [alice, bob] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const [a, b] = [await alice.virtualAddress(), await bob.virtualAddress()];
    await expectPing(alice.host, b);
    const near = await inside(alice, a, b);
    await inside(bob, b, a);
    const up = await near.initiate('inside');
    expect(up.status === 0, `the devices could not connect:\n${up.stdout + up.stderr}`);
    const sa = (await near.sas())[0]!;
    expectEqual(sa.remoteHost, b, 'the other end of the IKE SA');
    // ipsec0 is what goes into the tunnel to the gateway.
    for (const { host } of [alice, bob]) await host.ip('link', 'set', 'ipsec1', 'mtu', '1280');
    const watched = alice.host.start('tcpdump-tunnel', ['tcpdump', '-i', 'ipsec0', '-n', '-l', `ip and host ${b}`]);
    await eventually(() => /listening on/.test(watched.output()), 'tcpdump did not start');
    await expectPing(alice.host, b, 5);
    await transfer(alice.host, bob.host, b, { octets: 300_000, rate: 0, limit: 40 });
    const child = (await near.sas())[0]?.children[0];
    expect(child && child.octetsOut > 300_000, `only ${child?.octetsOut} octets went through the SA of the devices`);
    const lines = watched
      .output()
      .split('\n')
      .filter((line) => line.includes(' IP '));
    const plain = lines.filter((line) => !line.includes(`.${NAT_T}: UDP`) && !line.includes(`.${NAT_T}: NONESP-encap`));
    expect(lines.length > 100, `only ${lines.length} packets went by the tunnel to the gateway`);
    expect(plain.length === 0, `outside the tunnel of the devices:\n${plain.slice(0, 5).join('\n')}`);
    note(`${child.octetsOut} octets through the inner SA, in ${lines.length} packets of the outer one`);
  },
};

/** A second daemon on a device, whose route comes before that of the first, with a pre-shared key for the other device. */
async function inside({ host }: Device, local: string, remote: string): Promise<StrongSwan> {
  const daemon = new StrongSwan(
    host,
    {
      ...{ port: IKE, port_nat_t: NAT_T, routing_table: '219', routing_table_prio: '219', install_virtual_ip: 'no' },
      ...{ 'plugins.kernel-netlink.fwmark': '!0x43', 'plugins.socket-default.fwmark': '0x43' },
      // The selector is the very address of the other daemon: its mark keeps IKE and ESP out of the tunnel that they carry.
      'plugins.kernel-libipsec.allow_peer_ts': 'yes',
    },
    'inside',
  );
  daemon.writeConf({
    connections: {
      inside: {
        ...{ version: '2', local_addrs: local, remote_addrs: remote, local_port: NAT_T, remote_port: NAT_T },
        local: { auth: 'psk', id: local },
        remote: { auth: 'psk', id: remote },
        children: { inside: { local_ts: `${local}/32`, remote_ts: `${remote}/32`, esp_proposals: 'aes128gcm16' } },
      },
    },
    secrets: { 'ike-inside': { secret: 'of the two devices' } },
  });
  await daemon.start();
  await daemon.load();
  return daemon;
}
