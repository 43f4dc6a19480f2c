// Who belongs to an organisation, and as what. An organisation is never without an owner.

import { done, type Refused, refuse, type Result } from './refusal.ts';

export type PersonRole = 'owner' | 'admin' | 'auditor' | 'member';

export interface Person {
  /** Of the user. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: PersonRole;
  readonly joinedAt: number;
}

export interface Membership {
  readonly organisation: string;
  readonly name: string;
  readonly role: PersonRole;
}

export interface PeoplePage {
  readonly people: readonly Person[];
  /** Give it as `after` to go on; null at the end. */
  readonly next: string | null;
}

const PAGE = 100;

const SELECT_PERSON = `SELECT u.id, u.name, u.email, p.role, p.created_at AS joinedAt
  FROM people p JOIN users u ON u.id = p.user_id`;

/** By the user's id. */
export async function listPeople(db: D1Database, organisation: string, after = ''): Promise<PeoplePage> {
  const query = db
    .prepare(`${SELECT_PERSON} WHERE p.organisation_id = ? AND p.user_id > ? ORDER BY p.user_id LIMIT ?`)
    .bind(organisation, after, PAGE + 1);
  const { results } = await query.all<Person>();
  const people = results.slice(0, PAGE);
  return { people, next: results.length > PAGE ? people.at(-1)!.id : null };
}

export async function findPerson(db: D1Database, organisation: string, user: string): Promise<Result<Person>> {
  const query = db.prepare(`${SELECT_PERSON} WHERE p.organisation_id = ? AND p.user_id = ?`).bind(organisation, user);
  const person = await query.first<Person>();
  return person ? done(person) : unknownPerson();
}

/** The oldest first. */
export async function membershipsOf(db: D1Database, user: string): Promise<Membership[]> {
  const query = db.prepare(
    `SELECT o.id AS organisation, o.name, p.role FROM people p JOIN organisations o ON o.id = p.organisation_id
     WHERE p.user_id = ? ORDER BY p.created_at, o.id LIMIT 100`,
  );
  return (await query.bind(user).all<Membership>()).results;
}

export function personEntry(
  db: D1Database,
  organisation: string,
  user: string,
  role: PersonRole,
  now: number,
): D1PreparedStatement {
  return db
    .prepare('INSERT INTO people (organisation_id, user_id, role, created_at) VALUES (?, ?, ?, ?)')
    .bind(organisation, user, role, now);
}

/** Whether somebody else owns the organisation, looked at in the same statement that takes an owner away. */
const NOT_THE_LAST_OWNER = `(role <> 'owner' OR EXISTS (
  SELECT 1 FROM people o WHERE o.organisation_id = ?1 AND o.role = 'owner' AND o.user_id <> ?2))`;

export async function changeRole(
  db: D1Database,
  organisation: string,
  user: string,
  role: PersonRole,
): Promise<Result<null>> {
  const { meta } = await db
    .prepare(
      `UPDATE people SET role = ?3 WHERE organisation_id = ?1 AND user_id = ?2 AND (?3 = 'owner' OR ${NOT_THE_LAST_OWNER})`,
    )
    .bind(organisation, user, role)
    .run();
  return meta.changes > 0 ? done(null) : lastOwner();
}

/** The devices that were theirs stay, and belong to nobody. */
export async function removePerson(db: D1Database, organisation: string, user: string): Promise<Result<null>> {
  const [removed] = await db.batch([
    db
      .prepare(`DELETE FROM people WHERE organisation_id = ?1 AND user_id = ?2 AND ${NOT_THE_LAST_OWNER}`)
      .bind(organisation, user),
    db
      .prepare(
        `UPDATE members SET owner_user_id = NULL WHERE organisation_id = ?1 AND owner_user_id = ?2
         AND NOT EXISTS (SELECT 1 FROM people WHERE organisation_id = ?1 AND user_id = ?2)`,
      )
      .bind(organisation, user),
  ]);
  return removed!.meta.changes > 0 ? done(null) : lastOwner();
}

function lastOwner(): Refused {
  return refuse(
    'last-owner',
    'This is the last owner: without one, nobody could look after the organisation.',
    'Make somebody else an owner first.',
  );
}

function unknownPerson(): Refused {
  return refuse('unknown-person', 'There is nobody with this id in the organisation.', "List them: 'GET /api/people'.");
}
