// Links by which one member's profile is fetched, once, by whoever holds the link.

import { createHash } from 'node:crypto';
import { done, type Refused, refuse, type Result } from './refusal.ts';
import { makeToken, tokenHash } from './token.ts';

export interface NewLink {
  readonly organisation: string;
  /** Id. */
  readonly member: string;
  /** Of the profile. */
  readonly format: string;
  /** Who, as the audit names them. */
  readonly createdBy: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

export interface Link extends NewLink {
  readonly createdAt: number;
  readonly takenAt: number | null;
}

/** Systems that save a file often fetch it a second time, moments later and from the same place. */
const AGAIN_MS = 120_000;

const COLUMNS = `organisation_id AS organisation, member_id AS member, format, created_by AS createdBy,
  created_at AS createdAt, expires_at AS expiresAt, taken_at AS takenAt`;

/** @returns the token, which stands in the link and nowhere else. */
export async function makeLink(db: D1Database, link: NewLink, now: number): Promise<string> {
  const token = makeToken();
  await db
    .prepare(
      `INSERT INTO links (token_hash, organisation_id, member_id, format, created_by, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(tokenHash(token), link.organisation, link.member, link.format, link.createdBy, now, link.expiresAt)
    .run();
  return token;
}

/** What the link stands for, as long as it was not used. */
export async function findLink(db: D1Database, token: string, now: number): Promise<Result<Link>> {
  const link = await db
    .prepare(`SELECT ${COLUMNS} FROM links WHERE token_hash = ? AND expires_at > ? AND taken_at IS NULL`)
    .bind(tokenHash(token), now)
    .first<Link>();
  return link ? done(link) : linkVoid();
}

/** Uses the link: of two who come at once one gets it. @param source whoever asks; again within moments it is the same use. */
export async function takeLink(db: D1Database, token: string, source: string, now: number): Promise<Result<Link>> {
  const who = createHash('sha256')
    .update(`${tokenHash(token)} ${source}`)
    .digest('hex');
  const link = await db
    .prepare(
      `UPDATE links SET taken_at = coalesce(taken_at, ?2), taken_by = coalesce(taken_by, ?3)
       WHERE token_hash = ?1 AND expires_at > ?2 AND (taken_at IS NULL OR (taken_by = ?3 AND taken_at > ?4))
       RETURNING ${COLUMNS}`,
    )
    .bind(tokenHash(token), now, who, now - AGAIN_MS)
    .first<Link>();
  return link ? done(link) : linkVoid();
}

/** The last ones of a member, the youngest first. */
export async function listLinks(db: D1Database, member: string): Promise<Link[]> {
  const query = db.prepare(`SELECT ${COLUMNS} FROM links WHERE member_id = ? ORDER BY created_at DESC LIMIT 20`);
  return (await query.bind(member).all<Link>()).results;
}

/** One sentence for all of these: who holds no valid link learns nothing. */
export function linkVoid(): Refused {
  return refuse(
    'link-void',
    'This link was used already, has expired, or never was one.',
    'Ask whoever sent it to you for another one.',
  );
}
