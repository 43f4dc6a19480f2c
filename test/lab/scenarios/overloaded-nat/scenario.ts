// RFC 3715 section 2.1 f: nothing in the outer header tells two clients apart.
// Requirements: rfc3715-3-scaling rfc7296-2.23-any-port

import { fileURLToPath } from 'node:url';
import { eventually, expectEqual } from '../../expect.ts';
import { GATEWAY_ADDRESS } from '../../gateway.ts';
import type { Lan } from '../../lab.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { connectTwo, expectReach } from '../two-devices.ts';
import { culvert } from '../culvert.ts';

const PROGRAM = fileURLToPath(new URL('../../overloading-nat.mjs', import.meta.url));
const PORT = 40_000;

export const scenario: Scenario = {
  description:
    'A NAT gives two clients one outside address and port, for IKE and for ESP; the gateway tells them apart by SPIs alone.',
  topology:
    'alice and bob - one NAT that maps everyone to port 40000 and sends every answer to both - internet - gateway',
  sees: [
    'the gateway shows both at the same address and port',
    'every datagram at the gateway comes from that one address and port',
    'both reach the gateway; ping and TCP between the two, in both directions, with the same SHA-256 at both ends',
  ],
  gateways: ['culvert'],
  limit: 120,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a');
    await overload(nat);
    const [alice, bob] = await connectTwo(lab, 'cert', nat, nat);
    const path = `${nat.outside}:${PORT}`;
    for (const device of [alice, bob]) {
      await expectPing(device.host, gateway.virtualAddress);
      expectEqual((await gateway.peer(device.name)).path, path, `where the gateway sees ${device.name}`);
    }
    await expectReach(alice, bob, note);
    const others = await lab
      .capture('to-gateway')
      .count(`dst host ${GATEWAY_ADDRESS} and udp and not (src host ${nat.outside} and src port ${PORT})`);
    expectEqual(others, 0, 'datagrams from elsewhere');
  },
};

/** Puts the overloading NAT in the place of the one that the kernel has. */
async function overload({ router, outside }: Lan): Promise<void> {
  await router.nft(`
table ip overloading {
  chain incoming {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "inside" ip daddr ${GATEWAY_ADDRESS} udp dport 500 redirect to :1500
    iifname "inside" ip daddr ${GATEWAY_ADDRESS} udp dport 4500 redirect to :5500
  }
}
`);
  const service = router.start('overloading-nat', [process.execPath, PROGRAM, outside, String(PORT), GATEWAY_ADDRESS]);
  await eventually(() => /overloads/.test(service.output()), `the NAT did not start:\n${service.output()}`);
}
