// A device with a certificate behind a NAT.
// Requirements: rfc3715-3-telecommuter rfc3715-3-hosts-only rfc3715-3-no-talk-to-nat rfc3715-3-tunnel-mode
// Requirements: rfc3715-3-interoperable rfc3948-1-tunnel-mode rfc3948-2.1-any-checksum

import type { Scenario } from '../../scenario.ts';
import { expectTwoDevices } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'Two devices with certificates, each behind its own NAT with random ports, reach the gateway and each other.',
  topology: 'alice - NAT a (random ports) - internet - NAT b (random ports) - bob, gateway in the internet',
  sees: [
    'each gets a virtual address',
    'the address of the gateway in the network answers ping',
    'ping and TCP between the two, in both directions, with the same SHA-256 at both ends',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  run: (lab, note) => expectTwoDevices(lab, 'cert', note),
};
