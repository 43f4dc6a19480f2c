// The gateway as a hop: what it says of packets that end there.

import { expect, expectMatch } from '../../expect.ts';
import { isSplit } from '../../gateway.ts';
import type { Host } from '../../namespace.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo } from '../two-devices.ts';

const NOBODY = '100.64.201.201';

export const scenario: Scenario = {
  description: 'The gateway is one hop between two devices, and says so of packets that go no further.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet',
  sees: [
    'a packet with TTL or hop limit 1 ends at the gateway, which says so from its virtual address; with 2 it arrives',
    'the answer has lost one hop',
    'an address that nobody has is unreachable, says the gateway',
    'a device that has disconnected is unreachable, says the gateway, and reachable when it is back',
  ],
  gateways: ['culvert'],
  limit: 180,
  async run(lab) {
    const { gateway } = lab;
    expect(isSplit(gateway), 'this gateway is of one piece');
    const [alice, bob] = await connectTwo(lab, 'cert', await lab.nat('nat-a'), await lab.nat('nat-b'));
    const [bob4, bob6] = [await bob.virtualAddress(), await bob.virtualAddress6()];
    const hop4 = gateway.virtualAddress;
    const hop6 = await gateway.virtualAddress6();
    const nobody6 = hop6.replace(/::?[0-9a-f]*$/, '::dead:beef');

    expectMatch(await once(alice.host, bob4, '-t', '1'), from(hop4, 'Time to live exceeded'), 'TTL 1');
    expectMatch(await once(alice.host, bob6, '-t', '1'), from(hop6, 'Time exceeded: Hop limit'), 'hop limit 1');
    expectMatch(await once(alice.host, bob4, '-t', '2'), /bytes from .* ttl=63 /, 'TTL 2');
    expectMatch(await once(alice.host, bob6, '-t', '2'), /bytes from .* ttl=63 /, 'hop limit 2');
    expectMatch(await once(alice.host, hop4, '-t', '1'), /bytes from .* ttl=64 /, 'TTL 1 to the gateway itself');

    expectMatch(await once(alice.host, NOBODY), from(hop4, 'Destination Net Unreachable'), NOBODY);
    expectMatch(await once(alice.host, nobody6), from(hop6, 'Destination unreachable: No route'), nobody6);

    await bob.disconnect();
    expectMatch(await once(alice.host, bob4), from(hop4, 'Destination Host Unreachable'), 'bob, who is away');
    expectMatch(
      await once(alice.host, bob6),
      from(hop6, 'Destination unreachable: Address unreachable'),
      'bob, over IPv6',
    );
    await bob.connect();
    expectMatch(await eventuallyAnswered(alice.host, bob4), /bytes from /, 'bob, who is back');
  },
};

/** One echo request; what ping wrote. */
async function once(host: Host, to: string, ...args: string[]): Promise<string> {
  return (await host.attempt(['ping', '-n', '-c', '1', '-W', '3', ...args, to])).stdout;
}

/** What is known of who is away holds for some seconds at most. */
async function eventuallyAnswered(host: Host, to: string): Promise<string> {
  return (await host.attempt(['ping', '-n', '-c', '4', '-i', '1', '-W', '3', to])).stdout;
}

function from(address: string, text: string): RegExp {
  return new RegExp(`From ${address.replaceAll('.', '\\.')} icmp_seq=1 ${text}`);
}
