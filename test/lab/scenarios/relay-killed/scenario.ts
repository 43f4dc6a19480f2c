// A power cut at the relay.

import type { Scenario } from '../../scenario.ts';
import { expectSurvival, OUTAGE_SIGHTS, OUTAGE_TOPOLOGY } from '../outage.ts';

export const scenario: Scenario = {
  description: 'The relay is killed in the middle of TCP transfers and started again, knowing nothing: they go on.',
  topology: OUTAGE_TOPOLOGY,
  sees: OUTAGE_SIGHTS,
  gateways: ['culvert'],
  limit: 180,
  run: (lab, note) => expectSurvival(lab, (gateway) => gateway.killRelay(), note),
};
