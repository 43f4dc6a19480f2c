// What others are told of a member where access is decided: who it is, and as of when.

import type { Party, Policy } from '../../src/policy/policy.ts';
import type { RouteAnswer } from '../../src/route/network.ts';

export interface Standing {
  /** Of the network: grows with its policy and with its groups. */
  readonly epoch: number;
  readonly party: Party;
}

/** An answer of a network object: who has the address, and what that member is where access is decided. */
export interface Resolved extends RouteAnswer {
  /** Null where nobody is connected. */
  readonly standing: Standing | null;
}

/** What the control plane has on record about access. */
export interface AccessRecord {
  readonly policy: Policy;
  readonly epoch: number;
  /** Of the members asked about; one that is in none may be left out. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/** Before anything is known: whoever hears of it asks. */
export const NO_EPOCH = -1;
