// Packets that are larger than a tunnel.

import { join } from 'node:path';
import { eventually, expect, expectEqual, expectMatch } from '../../expect.ts';
import { isSplit } from '../../gateway.ts';
import type { Device } from '../../member.ts';
import type { Host } from '../../namespace.ts';
import { dropFragments } from '../../nat.ts';
import type { Scenario } from '../../scenario.ts';
import { transfer } from '../../tcp.ts';
import { connectTwo } from '../two-devices.ts';

/** What the gateway lets into its tunnels: less than the clients' own TUN devices take, which is 1,400. */
const MTU = 1300;

export const scenario: Scenario = {
  description:
    'Packets larger than the tunnel are cut before they are encrypted or refused with its MTU; TCP asks for less.',
  topology: 'alice - NAT a - internet, which drops IP fragments - NAT b - bob, gateway in the internet',
  sees: [
    'an echo of 2,000 octets that may be cut is answered',
    `with DF, one that alice's side takes is answered by the gateway: fragmentation needed, MTU ${MTU}; in IPv6: packet too big`,
    `the MSS that bob sees is ${MTU - 40} (IPv6: ${MTU - 60}), though alice sent more, and the transfer completes`,
    'no outer datagram is longer than 1,500 octets, and none was an IP fragment',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const { gateway } = lab;
    expect(isSplit(gateway), 'this gateway is of one piece');
    await gateway.configure({ mtu: MTU });
    const filter = await dropFragments(lab.internet);
    const [alice, bob] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const [bob4, bob6] = [await bob.virtualAddress(), await bob.virtualAddress6()];
    const [hop4, hop6] = [gateway.virtualAddress.replaceAll('.', '\\.'), await gateway.virtualAddress6()];

    // First TCP: once the path is known to take less, alice's own segments are shorter.
    for (const [address, header] of [
      [bob4, 40],
      [bob6, 60],
    ] as const) {
      const seen = await synMss(alice, bob, address);
      note(
        `MSS of alice's SYN: ${seen.sent} as sent, ${seen.received} as bob sees it; 500 kB in ${seen.milliseconds} ms`,
      );
      expectEqual(seen.received, MTU - header, 'MSS that bob sees');
      expect(seen.sent > seen.received, `alice sent an MSS of ${seen.sent} already`);
    }

    expectMatch(await echo(alice.host, bob4, 2_000, 'dont'), /\b3 received/, '2,000 octets, to be cut');
    expectMatch(await echo(alice.host, gateway.virtualAddress, 1_372, 'dont'), /\b3 received/, 'echo of the gateway');
    const needed = new RegExp(`From ${hop4} icmp_seq=1 Frag needed and DF set \\(mtu = ${MTU}\\)`);
    expectMatch(await echo(alice.host, bob4, 1_372, 'do'), needed, '1,400 octets with DF');
    expectMatch(await echo(alice.host, bob4, MTU - 28, 'do'), /\b3 received/, `${MTU} octets with DF`);
    const tooBig = new RegExp(`From ${hop6} icmp_seq=1 Packet too big: mtu=${MTU}`);
    expectMatch(await echo(alice.host, bob6, 1_352, 'do'), tooBig, '1,400 octets of IPv6');
    expectMatch(await echo(alice.host, bob6, MTU - 48, 'do'), /\b3 received/, `${MTU} octets of IPv6`);
    const dropped = await filter.hits();
    const long = await lab.captured('ip[2:2] > 1500');
    const fragments = await lab.captured('ip[6:2] & 0x3fff != 0');
    const datagrams = await lab.captured('udp port 4500');
    note(`${datagrams.length} outer datagrams captured`);
    expect(datagrams.length > 1_000, 'the capture holds next to nothing');
    expect(
      dropped === 0 && fragments.length === 0,
      `IP fragments on an outer link (${dropped} dropped): ${fragments[0]}`,
    );
    expect(long.length === 0, `an outer datagram of more than 1,500 octets: ${long[0]}`);
  },
};

/** Three echo requests with so much data; what ping wrote. */
async function echo(host: Host, to: string, octets: number, cut: 'do' | 'dont'): Promise<string> {
  const args = ['-n', '-c', '3', '-i', '0.3', '-W', '3', '-s', String(octets), '-M', cut];
  return (await host.attempt(['ping', ...args, to])).stdout;
}

interface Seen {
  readonly sent: number;
  readonly received: number;
  readonly milliseconds: number;
}

/** The MSS option of alice's SYN inside the tunnel, at both ends, and a transfer that it serves. */
async function synMss(alice: Device, bob: Device, address: string): Promise<Seen> {
  const ends = [];
  for (const { host } of [alice, bob]) ends.push(await watchSyn(host, address));
  const { milliseconds } = await transfer(alice.host, bob.host, address, { octets: 500_000, rate: 0, limit: 40 });
  const [sent, received] = await Promise.all(ends.map((end) => end()));
  return { sent: sent!, received: received!, milliseconds };
}

/** Returns a function that waits for the MSS of the SYN to an address. */
async function watchSyn(host: Host, address: string): Promise<() => Promise<number>> {
  const family = address.includes(':') ? '6' : '4';
  // libpcap looks into IPv6 TCP headers by offset only.
  const syn = family === '6' ? 'ip6[53] & 0x12 = 0x02' : 'tcp[13] & 0x12 = 0x02';
  const filter = `dst host ${address} and ${syn}`;
  const name = `syn-${family}`;
  const service = host.start(name, ['tcpdump', '-i', 'ipsec0', '-n', '-l', '-v', '-Z', 'root', filter]);
  await eventually(() => /listening on/.test(service.output()), `tcpdump in ${host.name} did not start`);
  return async () => {
    const mss = await eventually(
      () => /\bmss (\d+)/.exec(service.output())?.[1],
      `no SYN in ${join(host.directory, name)}`,
    );
    await service.stop('SIGINT');
    return Number(mss);
  };
}
