// "Can A reach B:443?", answered by what decides about packets: the views of both ends, as their objects hold them.

import type { Address } from '../wire/prefix.ts';
import { decide, face } from './facing.ts';
import type { Party, Policy, Verdict } from './policy.ts';
import { compile } from './view.ts';

/** Somebody at an address of a member. */
export interface Place {
  readonly party: Party;
  readonly address: Address;
}

export interface Wanted {
  readonly protocol: number;
  /** Of who is reached; null where the protocol has none. */
  readonly port: number | null;
}

/** @returns what decides: the end that denies where one does. */
export function explain(policy: Policy, from: Place, to: Place, { protocol, port }: Wanted): Verdict {
  if (from.party.member === to.party.member) return { allow: true, rule: null };
  const sender = face(compile(policy, from.party, 0), to.party).out;
  const sent = decide(sender, { local: from.address, remote: to.address, protocol, port });
  if (!sent.allow) return sent;
  const receiver = face(compile(policy, to.party, 0), from.party).in;
  return decide(receiver, { local: to.address, remote: from.address, protocol, port });
}
