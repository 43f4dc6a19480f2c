// UDP ports: most systems know 500 and 4500 only; strongSwan's and some routers take one other, which then is that of NAT traversal.

import type { ProfileInput } from './profile.ts';

/** null when the gateway is where every client looks. */
export function unusualPort({ gateway }: ProfileInput): number | null {
  return gateway.portIke === 500 && gateway.portNatT === 4500 ? null : gateway.portNatT;
}
