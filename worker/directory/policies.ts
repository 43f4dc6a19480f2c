// The policy of a network: read, replaced unless somebody was faster, and its history.

import { type Access, NO_POLICY } from '../../src/policy/policy.ts';
import { brokenConstraint } from './constraint.ts';
import type { Network } from './networks.ts';
import { type NamedPolicy, type NamedRule, readRules, writeRules } from './policy-rules.ts';
import { done, refuse, type Result } from './refusal.ts';

export interface PolicyVersion extends NamedPolicy {
  readonly who: string;
  readonly at: number;
}

export interface PolicyHistory {
  readonly versions: readonly PolicyVersion[];
  /** Give it as `before` to go on; null at the end. */
  readonly next: number | null;
}

const PAGE = 50;

export async function readPolicy(db: D1Database, network: Pick<Network, 'id'>): Promise<NamedPolicy> {
  const query = db.prepare('SELECT version, default_access, rules FROM policies WHERE network_id = ?').bind(network.id);
  const row = await query.first<PolicyRow>();
  return row ? policyIn(row) : { ...NO_POLICY, rules: [] };
}

/**
 * @param policy its `version` is the one that it was made from.
 * @param who for the history.
 * @param beside what is written with it or not at all.
 * @returns the policy with its new version.
 */
export async function replacePolicy(
  db: D1Database,
  network: Network,
  { version, default: standard, rules }: NamedPolicy,
  who: string,
  now: number,
  beside: readonly D1PreparedStatement[] = [],
): Promise<Result<NamedPolicy>> {
  const current = await readPolicy(db, network);
  if (version > current.version) return noSuchVersion(version, current.version);
  const next = version + 1;
  const written = writeRules(rules);
  try {
    // Of two that begin from one version, the second finds its row taken, and nothing of it is written.
    await db.batch([
      db
        .prepare(
          `INSERT INTO policy_versions (network_id, version, organisation_id, default_access, rules, who, at)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        )
        .bind(network.id, next, network.organisation, standard, written, who, now),
      db
        .prepare(
          `INSERT INTO policies (network_id, organisation_id, version, epoch, default_access, rules) VALUES (?1, ?2, ?3, 1, ?4, ?5)
           ON CONFLICT (network_id) DO UPDATE SET version = ?3, epoch = epoch + 1, default_access = ?4, rules = ?5`,
        )
        .bind(network.id, network.organisation, next, standard, written),
      ...beside,
    ]);
  } catch (thrown) {
    if (!brokenConstraint(thrown)?.includes('policy_versions.version')) throw thrown;
    return overtaken(db, network, version);
  }
  return done({ version: next, default: standard, rules });
}

/** The first word about a network's policy, when it is made. */
export function initialPolicy(db: D1Database, network: Pick<Network, 'id' | 'organisation'>, standard: Access) {
  return db
    .prepare(
      `INSERT INTO policies (network_id, organisation_id, version, epoch, default_access, rules) VALUES (?, ?, 0, 0, ?, '[]')`,
    )
    .bind(network.id, network.organisation, standard);
}

/** To be written with whatever changes who is in which group. */
export function nextEpoch(db: D1Database, network: Pick<Network, 'id' | 'organisation'>): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO policies (network_id, organisation_id, version, epoch, default_access, rules) VALUES (?, ?, 0, 1, 'allow', '[]')
       ON CONFLICT (network_id) DO UPDATE SET epoch = epoch + 1`,
    )
    .bind(network.id, network.organisation);
}

/** The youngest first. */
export async function policyHistory(
  db: D1Database,
  network: Network,
  { before = Number.MAX_SAFE_INTEGER, limit = PAGE }: { readonly before?: number; readonly limit?: number } = {},
): Promise<PolicyHistory> {
  const query = db
    .prepare('SELECT * FROM policy_versions WHERE network_id = ? AND version < ? ORDER BY version DESC LIMIT ?')
    .bind(network.id, before, limit + 1);
  const rows = (await query.all<VersionRow>()).results;
  const versions = rows.slice(0, limit).map((row) => ({ ...policyIn(row), who: row.who, at: row.at }));
  return { versions, next: rows.length > limit ? versions.at(-1)!.version : null };
}

/** Rules that name a subject, from 1. */
export function rulesNaming(rules: readonly NamedRule[], id: string): number[] {
  const names = ({ source, target }: NamedRule) => [source, target].some((each) => 'id' in each && each.id === id);
  return rules.flatMap((rule, i) => (names(rule) ? [i + 1] : []));
}

interface PolicyRow {
  readonly version: number;
  readonly default_access: Access;
  readonly rules: string;
}

interface VersionRow extends PolicyRow {
  readonly who: string;
  readonly at: number;
}

function policyIn({ version, default_access, rules }: PolicyRow): NamedPolicy {
  return { version, default: default_access, rules: readRules(rules) };
}

async function overtaken(db: D1Database, network: Network, version: number): Promise<Result<never>> {
  const { versions } = await policyHistory(db, network, { limit: 1 });
  const latest = versions[0];
  const whose = latest ? ` by ${latest.who} at ${new Date(latest.at).toISOString()}` : '';
  return refuse(
    'policy-changed',
    `The policy was changed${whose} since you read version ${version}: it is version ${latest?.version ?? version} now.`,
    'Read it again, and make your change to that.',
  );
}

function noSuchVersion(version: number, current: number): Result<never> {
  return refuse(
    'policy-changed',
    `There is no version ${version} of the policy: it is version ${current}.`,
    'Read it again, and make your change to that.',
  );
}
