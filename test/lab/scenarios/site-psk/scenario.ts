// A site with a pre-shared key.

import type { Scenario } from '../../scenario.ts';
import { expectSite, SITE_SIGHTS, SITE_TOPOLOGY } from '../site.ts';

export const scenario: Scenario = {
  description:
    'A site with a pre-shared key behind its own NAT: a device reaches a host in its LAN, and the host the device.',
  topology: SITE_TOPOLOGY,
  sees: SITE_SIGHTS,
  core: true,
  gateways: ['culvert', 'strongswan'],
  limit: 180,
  run: (lab, note) => expectSite(lab, 'psk', note),
};
