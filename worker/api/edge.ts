// Telling the data plane what the directory has just decided.

import type { Network } from '../directory/networks.ts';
import { isSuspended } from '../directory/suspension.ts';
import { reachOf } from '../directory/reach.ts';
import { done, type Result, refuse } from '../directory/refusal.ts';
import type { ApiContext } from './respond.ts';

/** Routes of a network are read again within a minute in any case: failing to say so now is no failure of the request. */
export async function tellChanged(c: ApiContext, network: Network): Promise<void> {
  try {
    await c.env.NETWORK.getByName(network.id).changed();
  } catch (thrown) {
    notTold('changed-not-told', network, thrown);
  }
}

/** A site has come or gone. Connected members that cannot be told so now reach it when they connect anew. */
export async function tellReach(c: ApiContext, network: Network): Promise<void> {
  try {
    await c.env.NETWORK.getByName(network.id).reach(await reachOf(c.env.DB, network));
  } catch (thrown) {
    notTold('reach-not-told', network, thrown);
  }
}

function notTold(event: string, network: Network, thrown: unknown): void {
  const about = { level: 'warn', room: 'api', event, network: network.id, error: String(thrown) };
  console.warn(JSON.stringify(about));
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

/** Two who suspend and resume at the same time are heard in either order: whoever tells last looks whether it is still so. */
const TELLINGS = 4;

/** Ends the connection of a member who is suspended, or lets it in again: whichever stands in the directory. */
export async function tellSuspension(
  c: ApiContext,
  network: Network,
  member: { readonly id: string; readonly name: string },
): Promise<Result<null>> {
  const object = c.env.NETWORK.getByName(network.id);
  try {
    let told: boolean | null = null;
    for (let n = 0; n < TELLINGS; n++) {
      const suspended = await isSuspended(c.env.DB, member);
      if (suspended === told) break;
      await (suspended ? object.suspend(member.id) : object.resume(member.id));
      told = suspended;
    }
    return done(null);
  } catch {
    return refuse(
      'edge-busy',
      `What was asked of '${member.name}' is on record, but the gateway could not be told yet.`,
      'Ask for it once more.',
    );
  }
}
