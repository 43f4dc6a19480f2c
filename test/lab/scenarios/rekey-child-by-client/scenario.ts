// New keys for the child SA on demand of the client.

import type { Scenario } from '../../scenario.ts';
import { expectRekeys, REKEY_SIGHTS, REKEY_TOPOLOGY } from '../rekey.ts';

export const scenario: Scenario = {
  description:
    'The child SA is rekeyed by the client again and again while TCP runs through it: nothing is lost, nothing stalls.',
  topology: REKEY_TOPOLOGY,
  sees: REKEY_SIGHTS,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  run: (lab, note) => expectRekeys(lab, 'child', 'client', note),
};
