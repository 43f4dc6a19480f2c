// RFC 3715 section 2.2 l and m: NATs that cannot handle fragments, outgoing or incoming. Nothing they would have to handle is sent.

import { expect } from '../../expect.ts';
import { GATEWAY_ADDRESS } from '../../gateway.ts';
import type { Host } from '../../namespace.ts';
import { dropFragments } from '../../nat.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';

const LARGE = '3000';
const FRAGMENT = 'ip[6:2] & 0x3fff != 0';

export const scenario: Scenario = {
  description:
    'The internet drops IP fragments; packets of 3000 octets and TCP pass the tunnel, since ESP is never fragmented.',
  topology: 'alice - NAT a - internet, which drops IP fragments - NAT b - bob, gateway in the internet',
  sees: [
    'the filter works: a ping of 3000 octets to the outer address of the gateway is dropped as fragments',
    'pings of 3000 octets from one device to the other are answered',
    'TCP between the two, in both directions, with the same SHA-256 at both ends',
    'no fragment of a UDP datagram was on any outer link',
  ],
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab, note) {
    const [a, b] = [await lab.nat('nat-a', 'masquerade-random'), await lab.nat('nat-b')];
    const filter = await dropFragments(lab.internet);
    expect((await largePings(a.router, GATEWAY_ADDRESS)) === 0, 'fragments pass the internet');
    const dropped = await filter.hits();
    expect(dropped > 0, 'the filter dropped nothing');
    const [alice, bob] = await connectTwo(lab, 'cert', a, b);
    const answered = await largePings(alice.host, await bob.virtualAddress());
    expect(answered === 3, `${answered} of 3 pings of ${LARGE} octets to bob were answered`);
    await expectReach(alice, bob, note);
    for (const port of ['to-gateway', 'to-nat-a', 'to-nat-b']) {
      const fragments = await lab.capture(port).count(`ip proto 17 and ${FRAGMENT}`);
      expect(fragments === 0, `${fragments} fragments of datagrams at ${port}`);
    }
    expect((await filter.hits()) === dropped, 'fragments were sent, and dropped');
  },
};

async function largePings(from: Host, to: string): Promise<number> {
  const args = ['-n', '-q', '-c', '3', '-i', '0.2', '-W', '2', '-M', 'dont', '-s', LARGE];
  const { stdout } = await from.attempt(['ping', ...args, to]);
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
}
