// RFC 3715 section 3, telecommuter: three NATs.
// Requirements: rfc3715-3-telecommuter

import type { Scenario } from '../../scenario.ts';
import { expectThroughNats, NATS_SIGHTS } from '../nats.ts';

export const scenario: Scenario = {
  description: 'A device behind three NATs reaches the gateway and another device.',
  topology: 'alice - NAT 3 - NAT 2 - NAT 1 - internet - NAT b - bob, gateway in the internet',
  sees: NATS_SIGHTS,
  gateways: ['culvert'],
  limit: 180,
  run: (lab, note) => expectThroughNats(lab, 3, note),
};
