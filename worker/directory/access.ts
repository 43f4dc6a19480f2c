// What the data plane asks about access: the policy in force, and the groups of those who are connected.

import { LIMITS, NO_POLICY, type Policy } from '../../src/policy/policy.ts';
import { policyOf, readRules } from './policy-rules.ts';

export interface AccessRecord {
  readonly policy: Policy;
  /** Grows with the policy, and whenever somebody enters or leaves a group. */
  readonly epoch: number;
  /** Of the members asked about; one that is in none is left out. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/** @param network its id; one that is no more allows what there is nobody to do. */
export async function accessOf(db: D1Database, network: string, members: readonly string[]): Promise<AccessRecord> {
  const [policies, memberships] = await db.batch([
    db.prepare('SELECT version, epoch, default_access, rules FROM policies WHERE network_id = ?').bind(network),
    db
      .prepare(
        `SELECT member_id, group_id FROM group_members
         WHERE network_id = ? AND member_id IN (SELECT value FROM json_each(?)) ORDER BY member_id, group_id`,
      )
      .bind(network, JSON.stringify(members)),
  ]);
  const row = policies?.results[0] as PolicyRow | undefined;
  const groups = new Map<string, string[]>();
  for (const { member_id, group_id } of (memberships?.results ?? []) as MembershipRow[]) {
    const held = groups.get(member_id) ?? [];
    if (held.length < LIMITS.groupsOfMember) groups.set(member_id, [...held, group_id]);
  }
  if (!row) return { policy: NO_POLICY, epoch: 0, groups };
  const { version, epoch, default_access, rules } = row;
  return { policy: policyOf({ version, default: default_access, rules: readRules(rules) }), epoch, groups };
}

interface PolicyRow {
  readonly version: number;
  readonly epoch: number;
  readonly default_access: 'allow' | 'deny';
  readonly rules: string;
}

interface MembershipRow {
  readonly member_id: string;
  readonly group_id: string;
}
