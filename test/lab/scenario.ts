// What a scenario is: scenarios/NAME/scenario.ts exports one as `scenario`.

import type { GatewayKind } from './gateway.ts';
import type { Lab } from './lab.ts';

export interface Scenario {
  /** One sentence. */
  readonly description: string;
  readonly topology: string;
  /** What must be seen, one sentence each. */
  readonly sees: readonly string[];
  /** Gateways that it applies to. */
  readonly gateways: readonly GatewayKind[];
  /** Runs with `npm test` on any machine that can; the others where the laboratory is required, and by `npm run lab`. */
  readonly core?: true;
  readonly gatewayBehindNat?: true;
  /** The internet carries IPv6 too, and the gateway listens on it. */
  readonly ipv6Outside?: true;
  /** Seconds after which it counts as failed. */
  readonly limit: number;
  /** Throws when something is not as it must be. Notes go into the report: what was measured, in a few words. */
  run(lab: Lab, note: (text: string) => void): Promise<void>;
}
