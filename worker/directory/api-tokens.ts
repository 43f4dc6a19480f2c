// API tokens: what programs show at the door of the API. Each has scopes and an end.

import { brokenConstraint } from './constraint.ts';
import { done, inField, refuse, type Result } from './refusal.ts';
import { makeToken, tokenHash } from './token.ts';

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Who, as the audit names them. */
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

export const TOKEN_PREFIX = 'cvt_';

/** Being used is written down no more often than this. */
const USE_STEP_MS = 60_000;
const PAGE = 200;

interface Row {
  readonly id: string;
  readonly organisation_id: string;
  readonly name: string;
  readonly scopes: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly last_used_at: number | null;
}

/** @param also statements that are written with it. @returns the token itself, which is told this once. */
export async function makeApiToken(
  db: D1Database,
  organisation: string,
  input: Pick<ApiToken, 'name' | 'scopes' | 'createdBy' | 'expiresAt'>,
  also: readonly D1PreparedStatement[],
  now: number,
): Promise<Result<{ token: string; view: ApiToken }>> {
  const token = makeToken(TOKEN_PREFIX);
  const id = crypto.randomUUID();
  const { name, scopes, createdBy, expiresAt } = input;
  const insertion = db
    .prepare(
      `INSERT INTO api_tokens (id, organisation_id, name, token_hash, scopes, created_by, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(id, organisation, name, tokenHash(token), JSON.stringify(scopes), createdBy, now, expiresAt);
  try {
    await db.batch([insertion, ...also]);
  } catch (thrown) {
    if (!brokenConstraint(thrown)?.includes('api_tokens.name')) throw thrown;
    const refused = refuse(
      'name-taken',
      `There is a token '${name}' already.`,
      'Choose another name, or revoke that one.',
    );
    return inField(refused, 'name');
  }
  return done({ token, view: { id, name, scopes, createdBy, expiresAt, createdAt: now, lastUsedAt: null } });
}

/** Those that are not revoked, expired ones too. */
export async function listApiTokens(db: D1Database, organisation: string): Promise<ApiToken[]> {
  const query = db.prepare(
    `SELECT * FROM api_tokens WHERE organisation_id = ? AND revoked_at IS NULL ORDER BY name LIMIT ${PAGE}`,
  );
  return (await query.bind(organisation).all<Row>()).results.map(tokenIn);
}

/** @param also gets the token, and gives the statement that is written with it. */
export async function revokeApiToken(
  db: D1Database,
  organisation: string,
  id: string,
  also: (token: ApiToken) => D1PreparedStatement,
  now: number,
): Promise<Result<ApiToken>> {
  const query = db.prepare('SELECT * FROM api_tokens WHERE organisation_id = ? AND id = ? AND revoked_at IS NULL');
  const row = await query.bind(organisation, id).first<Row>();
  if (!row) return refuse('unknown-token', 'There is no token with this id.', "List them: 'GET /api/tokens'.");
  const token = tokenIn(row);
  await db.batch([
    db.prepare('UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL').bind(now, id),
    also(token),
  ]);
  return done(token);
}

/** @returns null for a token that is none, was revoked or has expired. */
export async function useApiToken(
  db: D1Database,
  token: string,
  now: number,
): Promise<{ readonly organisation: string; readonly token: ApiToken } | null> {
  const query = db.prepare('SELECT * FROM api_tokens WHERE token_hash = ? AND revoked_at IS NULL AND expires_at > ?');
  const row = await query.bind(tokenHash(token), now).first<Row>();
  if (!row) return null;
  if (now - (row.last_used_at ?? 0) >= USE_STEP_MS) {
    await db.prepare('UPDATE api_tokens SET last_used_at = ? WHERE id = ?').bind(now, row.id).run();
  }
  return { organisation: row.organisation_id, token: tokenIn(row) };
}

function tokenIn(row: Row): ApiToken {
  return {
    ...{ id: row.id, name: row.name, scopes: JSON.parse(row.scopes) as string[] },
    ...{
      createdBy: row.created_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      lastUsedAt: row.last_used_at,
    },
  };
}
