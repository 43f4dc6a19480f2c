// What of a policy concerns one member: plain data, which its peer object holds and stores. Others stand in it as they are named in
// the rules, so that its size is bounded by the policy and does not grow with the network.

import type { Prefix } from '../wire/prefix.ts';
import { type Access, LIMITS, type Party, type Policy, type Rule, type Service, type Subject } from './policy.ts';

export interface AccessView {
  /** Grows whenever the policy of the network or a membership in its groups changes. */
  readonly epoch: number;
  readonly party: Party;
  readonly default: Access;
  /** Rules about what the member begins, and about what is begun towards it, each in order. */
  readonly out: readonly ViewRule[];
  readonly in: readonly ViewRule[];
}

export interface ViewRule {
  readonly id: string;
  readonly allow: boolean;
  /** Where of the member itself it holds; null for everywhere. */
  readonly local: readonly Prefix[] | null;
  readonly remote: Subject;
  readonly services: readonly Service[];
}

export function compile(policy: Policy, party: Party, epoch: number): AccessView {
  return {
    epoch,
    party: { member: party.member, groups: party.groups.slice(0, LIMITS.groupsOfMember) },
    default: policy.default,
    out: policy.rules.flatMap((rule) => viewRule(rule, rule.source, rule.target, party)),
    in: policy.rules.flatMap((rule) => viewRule(rule, rule.target, rule.source, party)),
  };
}

/** Nothing at all is denied: no packet needs to be looked at. */
export function isOpen(view: AccessView): boolean {
  return view.default === 'allow' && view.out.every(({ allow }) => allow) && view.in.every(({ allow }) => allow);
}

/** Whether the subject means this member, wherever its addresses are. */
export function isMeant(subject: Subject, party: Party): boolean {
  switch (subject.kind) {
    case 'everyone':
      return true;
    case 'group':
      return party.groups.includes(subject.id);
    case 'member':
    case 'site':
      return subject.id === party.member;
  }
}

/** Null for everywhere. */
export function prefixesOf(subject: Subject): readonly Prefix[] | null {
  return subject.kind === 'site' ? subject.prefixes : null;
}

function viewRule({ id, allow, services }: Rule, local: Subject, remote: Subject, party: Party): ViewRule[] {
  return isMeant(local, party) ? [{ id, allow, local: prefixesOf(local), remote, services }] : [];
}
