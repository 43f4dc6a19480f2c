// RFC 3715 section 2.1 g: protocols that carry addresses. The addresses that they carry are those of the tunnel, so nobody need rewrite them.

import type { Scenario } from '../../scenario.ts';
import { expectFtp } from '../ftp.ts';
import { connectTwo } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'A file goes between two devices by the PORT and PASV of FTP, which carry addresses, through NATs that know nothing of it.',
  topology: 'alice - NAT a - internet - NAT b - bob, gateway in the internet; no helper anywhere',
  sees: [
    'active: the server connects to the address that the client has written into PORT, and the file arrives whole',
    'passive: the client connects to the address that the server has written into its answer to PASV, and the file arrives whole',
    'the addresses written are the virtual ones',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  async run(lab) {
    const [alice, bob] = await connectTwo(
      lab,
      'cert',
      await lab.nat('nat-a', 'masquerade-random'),
      await lab.nat('nat-b'),
    );
    await expectFtp(alice, bob);
  },
};
