// RFC 3715 section 3, telecommuter: client and gateway both behind NATs.
// Requirements: rfc3715-3-telecommuter

import type { Scenario } from '../../scenario.ts';
import { expectThroughNats, NATS_SIGHTS } from '../nats.ts';

export const scenario: Scenario = {
  description: 'The gateway stands behind a NAT that forwards to it, a device behind two NATs: they reach each other.',
  topology: 'alice - NAT 2 - NAT 1 - internet - NAT b - bob; gateway 10.99.0.2 behind a NAT that is 203.0.113.1',
  sees: NATS_SIGHTS,
  gateways: ['culvert'],
  gatewayBehindNat: true,
  limit: 180,
  run: (lab, note) => expectThroughNats(lab, 2, note),
};
