// Devices with a password.

import type { Scenario } from '../../scenario.ts';
import { expectTwoDevices } from '../two-devices.ts';

export const scenario: Scenario = {
  description:
    'Two devices with passwords (EAP-MSCHAPv2), each behind its own NAT with random ports, reach each other.',
  topology: 'alice - NAT a (random ports) - internet - NAT b (random ports) - bob, gateway in the internet',
  sees: [
    'each gets a virtual address',
    'the address of the gateway in the network answers ping',
    'ping and TCP between the two, in both directions, with the same SHA-256 at both ends',
  ],
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  run: (lab, note) => expectTwoDevices(lab, 'eap', note),
};
