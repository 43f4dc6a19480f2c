// Handshakes of nobody in particular from one address, and whether they may have been a certain member.

import { formatAddress, parseAddress } from '../../src/wire/prefix.ts';
import { type MemberName, readIdentity } from '../directory/names.ts';
import type { AttemptEvidence } from '../edge/rpc.ts';
import { strangersFrom } from '../edge/strangers.ts';
import type { Env } from '../env.ts';

/** As describeIdentity() has a distinguished name. */
const SUBJECT = 'certificate subject';

/** @param from an address; of what is none, there are none. */
export async function knocksFrom(env: Pick<Env, 'NETWORK'>, from: string): Promise<readonly AttemptEvidence[]> {
  const address = parseAddress(from);
  return address === null ? [] : env.NETWORK.getByName(strangersFrom(address)).knocks(formatAddress(address));
}

/**
 * Whether what nobody was made of may have been this member: it said nothing of who it is, or its name, or one of its network that
 * nobody has. Windows names the address of its LAN.
 */
export function mayBe({ identity, reason }: AttemptEvidence, { name, network }: MemberName, domain: string): boolean {
  if (identity === '' || identity === SUBJECT || parseAddress(identity) !== null) return true;
  const claimed = readIdentity(identity, domain);
  if (claimed?.network !== network) return false;
  return claimed.name === name || reason === 'unknown-identity';
}
