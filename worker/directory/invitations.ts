// Invitations into an organisation: for one e-mail address, by a link that works once and not for ever.

import type { PersonRole } from './people.ts';
import { done, type Refused, refuse, type Result } from './refusal.ts';
import { makeToken, tokenHash } from './token.ts';

export interface Invitation {
  readonly id: string;
  readonly organisation: string;
  readonly email: string;
  readonly role: PersonRole;
  /** Who, as the audit names them. */
  readonly invitedBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export const INVITATION_DAYS = 7;

const PAGE = 100;

const SELECT_INVITATION = `SELECT id, organisation_id AS organisation, email, role, invited_by AS invitedBy,
  created_at AS createdAt, expires_at AS expiresAt FROM invitations`;

const IN_FORCE = 'accepted_at IS NULL AND revoked_at IS NULL';

/** One that the same address has already is taken out of force. @returns the token for the link. */
export async function invite(
  db: D1Database,
  input: Pick<Invitation, 'organisation' | 'email' | 'role' | 'invitedBy'>,
  now: number,
): Promise<{ invitation: Invitation; token: string }> {
  const token = makeToken();
  const id = crypto.randomUUID();
  const invitation = { ...input, id, createdAt: now, expiresAt: now + INVITATION_DAYS * 86_400_000 };
  await db.batch([
    db
      .prepare(`UPDATE invitations SET revoked_at = ?3 WHERE organisation_id = ?1 AND email = ?2 AND ${IN_FORCE}`)
      .bind(input.organisation, input.email, now),
    db
      .prepare(
        `INSERT INTO invitations (id, organisation_id, email, role, token_hash, invited_by, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(
        id,
        input.organisation,
        input.email,
        input.role,
        tokenHash(token),
        input.invitedBy,
        now,
        invitation.expiresAt,
      ),
  ]);
  return { invitation, token };
}

/** Those that can still be accepted, the youngest first. */
export async function listInvitations(db: D1Database, organisation: string, now: number): Promise<Invitation[]> {
  const query = db.prepare(
    `${SELECT_INVITATION} WHERE organisation_id = ? AND ${IN_FORCE} AND expires_at > ? ORDER BY created_at DESC LIMIT ${PAGE}`,
  );
  return (await query.bind(organisation, now).all<Invitation>()).results;
}

/** What the link stands for, as long as it works. */
export async function findInvitation(db: D1Database, token: string, now: number): Promise<Result<Invitation>> {
  const query = db.prepare(`${SELECT_INVITATION} WHERE token_hash = ? AND ${IN_FORCE} AND expires_at > ?`);
  const invitation = await query.bind(tokenHash(token), now).first<Invitation>();
  return invitation ? done(invitation) : invitationVoid();
}

/**
 * Makes the user one of the organisation's people, once; only the user whose address was invited.
 * Who belongs to it already keeps the role.
 */
export async function acceptInvitation(
  db: D1Database,
  token: string,
  user: { readonly id: string; readonly email: string },
  now: number,
): Promise<Result<Invitation>> {
  const found = await findInvitation(db, token, now);
  if (!found.ok) return found;
  if (found.value.email !== user.email.toLowerCase()) return notYours(found.value);
  const condition = `id = ?1 AND ${IN_FORCE} AND expires_at > ?2`;
  const [, accepted] = await db.batch([
    db
      .prepare(
        `INSERT INTO people (organisation_id, user_id, role, created_at)
         SELECT organisation_id, ?3, role, ?2 FROM invitations WHERE ${condition} ON CONFLICT DO NOTHING`,
      )
      .bind(found.value.id, now, user.id),
    db.prepare(`UPDATE invitations SET accepted_at = ?2 WHERE ${condition}`).bind(found.value.id, now),
  ]);
  return accepted!.meta.changes > 0 ? found : invitationVoid();
}

export async function revokeInvitation(
  db: D1Database,
  organisation: string,
  id: string,
  now: number,
): Promise<Result<Invitation>> {
  const query = db.prepare(`${SELECT_INVITATION} WHERE organisation_id = ? AND id = ? AND ${IN_FORCE}`);
  const invitation = await query.bind(organisation, id).first<Invitation>();
  if (!invitation) {
    return refuse(
      'unknown-invitation',
      'There is no invitation with this id that could still be accepted.',
      "List them: 'GET /api/invitations'.",
    );
  }
  await db.prepare(`UPDATE invitations SET revoked_at = ? WHERE id = ? AND ${IN_FORCE}`).bind(now, id).run();
  return done(invitation);
}

/** One sentence for all of these: who holds no valid link learns nothing about it. */
function invitationVoid(): Refused {
  return refuse(
    'invitation-void',
    'This invitation was used, taken back or has expired.',
    'Ask whoever invited you for another one.',
  );
}

function notYours({ email }: Invitation): Refused {
  return refuse(
    'invitation-not-yours',
    `This invitation is for ${email}, but you are signed in with another address.`,
    'Sign out, and open the link again.',
  );
}
