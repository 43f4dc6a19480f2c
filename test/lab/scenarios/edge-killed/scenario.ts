// A power cut at the edge.

import type { Scenario } from '../../scenario.ts';
import { expectSurvival, OUTAGE_SIGHTS, OUTAGE_TOPOLOGY } from '../outage.ts';

export const scenario: Scenario = {
  description: 'The edge is killed in the middle of TCP transfers and started again on its storage: they go on.',
  topology: OUTAGE_TOPOLOGY,
  sees: OUTAGE_SIGHTS,
  core: true,
  gateways: ['culvert'],
  limit: 180,
  run: (lab, note) => expectSurvival(lab, (gateway) => gateway.killEdge(), note),
};
