// Who may reach what inside a tenant network: an ordered list of rules, of which the first that matches decides, and what holds
// where none does. A rule is about who begins; answers to what was let through come back of themselves.

import type { Prefix } from '../wire/prefix.ts';

export type Subject =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'member'; readonly id: string }
  /** `prefixes`: only so much of what stands behind it; null for all. */
  | { readonly kind: 'site'; readonly id: string; readonly prefixes: readonly Prefix[] | null };

/** First and last, both within. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export type Service =
  | { readonly kind: 'any' }
  /** ICMP and ICMPv6. */
  | { readonly kind: 'icmp' }
  /** By the port of who is reached. */
  | { readonly kind: 'tcp' | 'udp'; readonly ports: readonly PortRange[] };

export interface Rule {
  /** Unique in its policy, and kept when the rule is moved or changed. */
  readonly id: string;
  readonly source: Subject;
  readonly target: Subject;
  /** One is enough to match. */
  readonly services: readonly Service[];
  readonly allow: boolean;
}

export interface Policy {
  readonly version: number;
  /** What holds where no rule matches. */
  readonly default: Access;
  /** In the order in which they are tried. */
  readonly rules: readonly Rule[];
}

export type Access = 'allow' | 'deny';

/** A member with the groups that it is in. */
export interface Party {
  readonly member: string;
  readonly groups: readonly string[];
}

/** What decided; `rule` is null for the default. */
export interface Verdict {
  readonly allow: boolean;
  readonly rule: string | null;
}

/** Everything that is stored, pushed or walked is bounded by these. */
export const LIMITS = {
  rules: 256,
  services: 16,
  ports: 32,
  prefixes: 16,
  groups: 256,
  groupsOfMember: 64,
} as const;

/** Before anybody has said anything, a network lets everyone reach everyone. */
export const NO_POLICY: Policy = { version: 0, default: 'allow', rules: [] };
