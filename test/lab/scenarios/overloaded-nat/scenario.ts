// RFC 3715 sections 2.1 f and 4.2: nothing in the outer header tells two clients apart.
// Requirements: rfc3715-3-scaling rfc7296-2.23-any-port

import { expectEqual } from '../../expect.ts';
import { GATEWAY_ADDRESS } from '../../gateway.ts';
import { interpose } from '../../nat.ts';
import { expectPing } from '../../ping.ts';
import type { Scenario } from '../../scenario.ts';
import { expectFtp } from '../ftp.ts';
import { connectTwo, expectReach } from '../two-devices.ts';
import { culvert } from '../culvert.ts';

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
    'a file goes between the two by the PORT and by the PASV of FTP, which carry addresses',
  ],
  core: true,
  gateways: ['culvert'],
  limit: 180,
  async run(lab, note) {
    const gateway = culvert(lab);
    const nat = await lab.nat('nat-a');
    await interpose(nat, 'overloading-nat.mjs', [nat.outside, String(PORT)]);
    const [alice, bob] = await connectTwo(lab, 'cert', nat, nat);
    const path = `${nat.outside}:${PORT}`;
    for (const device of [alice, bob]) {
      await expectPing(device.host, gateway.virtualAddress);
      expectEqual((await gateway.peer(device.name)).path, path, `where the gateway sees ${device.name}`);
    }
    await expectReach(alice, bob, note);
    await expectFtp(alice, bob);
    const others = await lab
      .capture('to-gateway')
      .count(`dst host ${GATEWAY_ADDRESS} and udp and not (src host ${nat.outside} and src port ${PORT})`);
    expectEqual(others, 0, 'datagrams from elsewhere');
  },
};
