// Members that no rule tells apart: what holds for one of them holds for all.

import type { Prefix } from '../wire/prefix.ts';
import type { Party, Policy } from './policy.ts';

export interface Cohort {
  /** The groups that all of them are in; `member` is the id of any one of them. */
  readonly party: Party;
  /** What stands for them in a report: the name of one, or of their groups. */
  readonly name: string;
  readonly members: number;
  /** Behind a site; empty for devices. */
  readonly prefixes: readonly Prefix[];
}

/** Members and sites that rules of one of the policies name one by one: each is a cohort of its own. */
export function namedMembers(...policies: readonly Policy[]): Set<string> {
  const named = new Set<string>();
  for (const { rules } of policies) {
    for (const { source, target } of rules) {
      for (const subject of [source, target]) {
        if (subject.kind === 'member' || subject.kind === 'site') named.add(subject.id);
      }
    }
  }
  return named;
}
