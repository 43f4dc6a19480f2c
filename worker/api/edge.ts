// Telling the data plane what the directory has just decided.

import type { Network } from '../directory/networks.ts';
import { done, type Result, refuse } from '../directory/refusal.ts';
import type { ApiContext } from './respond.ts';

/** Routes of a network are read again within a minute in any case: failing to say so now is no failure of the request. */
export async function tellChanged(c: ApiContext, network: Network): Promise<void> {
  try {
    await c.env.NETWORK.getByName(network.id).changed();
  } catch (thrown) {
    console.warn(
      JSON.stringify({
        level: 'warn',
        room: 'api',
        event: 'changed-not-told',
        network: network.id,
        error: String(thrown),
      }),
    );
  }
}

/** Ends the connection of a member whom the directory admits no more. */
export async function tellRevoked(
  c: ApiContext,
  network: Network,
  member: { readonly id: string; readonly name: string },
): Promise<Result<null>> {
  try {
    await c.env.NETWORK.getByName(network.id).revoke(member.id);
    return done(null);
  } catch {
    return refuse(
      'edge-busy',
      `'${member.name}' is revoked and cannot connect again, but its present connection could not be ended.`,
      'Revoke it once more to end the connection.',
    );
  }
}
