// The policy that is in force.

import type { PolicyView } from '../../../api/json.ts';
import type { Network } from '../../../directory/networks.ts';
import { callApi, part } from '../../call.ts';
import type { ConsoleContext } from '../../place.ts';

export async function policyOf(c: ConsoleContext, network: Network): Promise<PolicyView | null> {
  const answer = await callApi<{ policy: PolicyView }>(c, 'GET', `/networks/${part(network.name)}/policy`);
  return answer.ok ? answer.value.policy : null;
}
