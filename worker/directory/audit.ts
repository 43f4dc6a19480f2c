// The audit: who changed what, from what, to what. Written with the change, read a page at a time.

import type { Action } from './actions.ts';

/** Whoever asks, as far as the audit names them. */
export interface Actor {
  /** Id. */
  readonly organisation: string;
  readonly label: string;
}

export interface Change {
  readonly action: Action;
  /** To what, such as `device corp/laptop`. */
  readonly target: string;
  /** JSON without secrets; null where there was or is nothing. */
  readonly before: unknown;
  readonly after: unknown;
}

/** As it was written: what was recorded long ago may be called otherwise now. */
export interface AuditEntry extends Omit<Change, 'action'> {
  readonly action: string;
  readonly id: number;
  /** Milliseconds. */
  readonly at: number;
  readonly actor: string;
}

export interface AuditPage {
  /** The youngest first. */
  readonly entries: readonly AuditEntry[];
  /** Give it as `before` to go on; null at the end. */
  readonly next: number | null;
}

export interface AuditFilter {
  /** Entries older than this one. */
  readonly before?: number;
  /** Exactly this target. */
  readonly target?: string;
  readonly limit?: number;
}

export const AUDIT_PAGE = 100;
/** What the API takes from its callers is no longer than this; what is longer is cut, and says so. */
const LONGEST = 20_000;

/** How the audit names a device or a site. */
export function memberTarget(kind: string, network: { readonly name: string }, name: string): string {
  return `${kind} ${network.name}/${name}`;
}

/** For a batch: right behind a statement, it is written only if that one changed something. */
export function changeEntry(db: D1Database, actor: Actor, change: Change, now: number): D1PreparedStatement {
  return entry(db, actor, change, now, 'WHERE changes() > 0');
}

export async function recordChange(db: D1Database, actor: Actor, change: Change, now: number): Promise<void> {
  await entry(db, actor, change, now, '').run();
}

export async function listChanges(db: D1Database, organisation: string, filter: AuditFilter): Promise<AuditPage> {
  const { before = Number.MAX_SAFE_INTEGER, target = null, limit = AUDIT_PAGE } = filter;
  const query = target === null ? ALL : OF_TARGET;
  const values = target === null ? [organisation, before, limit + 1] : [organisation, before, limit + 1, target];
  const { results } = await db
    .prepare(query)
    .bind(...values)
    .all<AuditRow>();
  const entries = results.slice(0, limit).map(entryIn);
  return { entries, next: results.length > limit ? entries.at(-1)!.id : null };
}

const COLUMNS = 'id, at, actor, action, target, before, after';
const ALL = `SELECT ${COLUMNS} FROM audit WHERE organisation_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3`;
const OF_TARGET = `SELECT ${COLUMNS} FROM audit WHERE organisation_id = ?1 AND target = ?4 AND id < ?2 ORDER BY id DESC LIMIT ?3`;

interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: string | null;
  readonly after: string | null;
}

function entry(db: D1Database, { organisation, label }: Actor, change: Change, now: number, condition: string) {
  return db
    .prepare(
      `INSERT INTO audit (organisation_id, at, actor, action, target, before, after) SELECT ?, ?, ?, ?, ?, ?, ? ${condition}`,
    )
    .bind(organisation, now, label, change.action, change.target, json(change.before), json(change.after));
}

function json(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : JSON.stringify({ cut: text.slice(0, LONGEST) });
}

function entryIn(row: AuditRow): AuditEntry {
  return { ...row, before: parsed(row.before), after: parsed(row.after) };
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
