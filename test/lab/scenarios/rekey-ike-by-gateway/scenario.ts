// New keys for the IKE SA on demand of the gateway.
// Requirements: rfc3715-3-rekey-both-ways

import type { Scenario } from '../../scenario.ts';
import { expectRekeys, REKEY_SIGHTS, REKEY_TOPOLOGY } from '../rekey.ts';

export const scenario: Scenario = {
  description:
    'The IKE SA is rekeyed by the gateway again and again while TCP runs through it: nothing is lost, nothing stalls.',
  topology: REKEY_TOPOLOGY,
  sees: REKEY_SIGHTS,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  run: (lab, note) => expectRekeys(lab, 'ike', 'gateway', note),
};
